import { useRouter } from '@tanstack/react-router';
import { useEffect, useRef, useState } from 'react';

/** Milliseconds without a key after which what was typed is kept. */
const PAUSE_MS = 120;

/**
 * What is typed into a search box: it applies at once, and is kept in the address of the page after a pause, unless another
 * page is on its way by then.
 * @param kept what the address has; when it changes otherwise, such as by going back, that applies
 */
export function useTyped(kept: string, keep: (text: string) => void): [typed: string, type: (text: string) => void] {
  const [typed, setTyped] = useState(kept);
  const sent = useRef(kept);
  const { history } = useRouter();
  useEffect(() => {
    if (kept === sent.current) return;
    sent.current = kept;
    setTyped(kept);
  }, [kept]);
  useEffect(() => {
    if (typed === sent.current) return undefined;
    const { pathname } = history.location;
    const pause = setTimeout(() => {
      if (history.location.pathname !== pathname) return;
      sent.current = typed;
      keep(typed);
    }, PAUSE_MS);
    return () => clearTimeout(pause);
  }, [typed, keep, history]);
  return [typed, setTyped];
}
