import { CopyButton } from '@mantine/core';
import { Check, Copy } from 'lucide-react';
import type { ReactNode } from 'react';

/** A button that copies a text. `what` names it for screen readers: `Copy the address of my-db`. */
function CopyIcon({ value, what }: { readonly value: string; readonly what: string }) {
  return (
    <CopyButton value={value} timeout={1500}>
      {({ copied, copy }) => (
        <button
          type="button"
          className="copy"
          data-copied={copied || undefined}
          title={copied ? 'Copied' : 'Copy'}
          aria-label={copied ? 'Copied' : `Copy ${what}`}
          onClick={(event) => {
            event.stopPropagation();
            event.preventDefault();
            copy();
          }}
        >
          {copied ? <Check size={14} /> : <Copy size={14} />}
        </button>
      )}
    </CopyButton>
  );
}

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
      <pre tabIndex={0} role="region" aria-label={what}>
        {text}
      </pre>
      <CopyIcon value={text} what={what} />
    </div>
  );
}
