import type { MouseEvent, ReactNode } from 'react';

/** How long a button says that it has copied, in milliseconds. */
const SAID_MS = 1500;

/** Copies what a button is for. It says so itself: with a state of its own, a button would cost a row of a table as much as all its text. */
async function copyFrom(event: MouseEvent<HTMLButtonElement>): Promise<void> {
  const button = event.currentTarget;
  event.stopPropagation();
  event.preventDefault();
  const { copy = '', what = '' } = button.dataset;
  const say = (said: string, name: string) => {
    button.title = said;
    button.setAttribute('aria-label', name);
  };
  try {
    await navigator.clipboard.writeText(copy);
    button.dataset['copied'] = '';
    say('Copied', 'Copied');
  } catch {
    say('The browser did not allow it', `${what} could not be copied`);
  }
  setTimeout(() => {
    delete button.dataset['copied'];
    say('Copy', `Copy ${what}`);
  }, SAID_MS);
}

/** A button that copies a text. `what` names it for screen readers: `Copy the address of my-db`. */
const CopyIcon = ({ value, what }: { readonly value: string; readonly what: string }) => (
  <button
    type="button"
    className="copy"
    data-copy={value}
    data-what={what}
    title="Copy"
    aria-label={`Copy ${what}`}
    onClick={(event) => void copyFrom(event)}
  />
);

/** An identifier or address, with the button that copies it. */
export function Copyable({
  value,
  what,
  children,
}: {
  readonly value: string;
  readonly what: string;
  readonly children?: ReactNode;
}) {
  return (
    <div className="copyable">
      <span className="mono breakable">{children ?? value}</span>
      <CopyIcon value={value} what={what} />
    </div>
  );
}

/** A command to type, with the button that copies it. */
export function Command({ text, what = 'the command' }: { readonly text: string; readonly what?: string }) {
  return (
    <div className="command">
      <pre>{text}</pre>
      <CopyIcon value={text} what={what} />
    </div>
  );
}

/** The content of a file, of which some lines are visible, with the button that copies it. */
export const FileText = ({ text, what }: { readonly text: string; readonly what: string }) => (
  <div className="command">
    <pre tabIndex={0} role="region" aria-label={what}>
      {text}
    </pre>
    <CopyIcon value={text} what={what} />
  </div>
);
