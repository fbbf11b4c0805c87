import { useEffect, useRef } from 'react';

/** How long the pointer rests on something before its tip is shown, in milliseconds. */
const REST_MS = 300;
/** The least distance from the edge of the window, in pixels. */
const EDGE = 8;
const ID = 'tip';

/**
 * The one tooltip of the page: shows the `data-tip` of whatever the pointer rests on or the keyboard has reached. A tooltip for each
 * element would make a table of many rows several times as expensive.
 */
export function Tips() {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => (box.current === null ? undefined : follow(box.current)), []);
  return <div ref={box} id={ID} className="tip" role="tooltip" hidden />;
}

/** Shows tips in a box until the returned function is called. */
function follow(box: HTMLElement): () => void {
  let target: HTMLElement | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const hide = () => {
    clearTimeout(timer);
    if (target?.getAttribute('aria-describedby') === ID) target.removeAttribute('aria-describedby');
    target = undefined;
    box.hidden = true;
  };
  const show = () => {
    const text = target?.dataset['tip'];
    if (target === undefined || !target.isConnected || text === undefined || text === '') return;
    box.textContent = text;
    box.hidden = false;
    if (!target.hasAttribute('aria-describedby') && !target.getAttribute('aria-label')?.includes(text))
      target.setAttribute('aria-describedby', ID);
    place(box, target.getBoundingClientRect());
  };
  const over = (event: Event) => {
    const found = tipAt(event.target);
    if (found === target) return;
    hide();
    if (found === undefined) return;
    target = found;
    timer = setTimeout(show, REST_MS);
  };
  const focus = (event: Event) => {
    const found = event.target instanceof HTMLElement && event.target.matches(':focus-visible') ? tipAt(event.target) : undefined;
    hide();
    target = found;
    show();
  };
  const key = (event: KeyboardEvent) => event.key === 'Escape' && hide();
  const options = { capture: true, passive: true };
  document.addEventListener('mouseover', over, options);
  document.addEventListener('focusin', focus, options);
  document.addEventListener('focusout', hide, options);
  document.addEventListener('keydown', key, options);
  document.addEventListener('scroll', hide, options);
  return () => {
    hide();
    document.removeEventListener('mouseover', over, options);
    document.removeEventListener('focusin', focus, options);
    document.removeEventListener('focusout', hide, options);
    document.removeEventListener('keydown', key, options);
    document.removeEventListener('scroll', hide, options);
  };
}

const tipAt = (target: EventTarget | null): HTMLElement | undefined =>
  (target instanceof Element && target.closest<HTMLElement>('[data-tip]')) || undefined;

/** Places the box above the target, or below it if there is no room, and inside the window. */
function place(box: HTMLElement, at: DOMRect): void {
  const { width, height } = box.getBoundingClientRect();
  const left = at.left + (at.width - width) / 2;
  const above = at.top - height - 6;
  box.style.left = `${Math.max(EDGE, Math.min(left, document.documentElement.clientWidth - width - EDGE))}px`;
  box.style.top = `${above < EDGE ? at.bottom + 6 : above}px`;
}
