import { ActionIcon, CopyButton, Group, Tooltip } from '@mantine/core';
import { Check, Copy } from 'lucide-react';
import type { ReactNode } from 'react';

/** A button that copies a text. `what` names it for screen readers: `Copy the address of my-db`. */
function CopyIcon({ value, what }: { readonly value: string; readonly what: string }) {
  return (
    <CopyButton value={value} timeout={1500}>
      {({ copied, copy }) => (
        <Tooltip label={copied ? 'Copied' : 'Copy'} openDelay={300}>
          <ActionIcon
            variant="subtle"
            color={copied ? 'green' : 'gray'}
            size="sm"
            aria-label={copied ? 'Copied' : `Copy ${what}`}
            onClick={(event) => {
              event.stopPropagation();
              event.preventDefault();
              copy();
            }}
          >
            {copied ? <Check size={14} /> : <Copy size={14} />}
          </ActionIcon>
        </Tooltip>
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
    <Group gap={4} wrap="nowrap" className="copyable">
      <span className="mono breakable">{children ?? value}</span>
      <CopyIcon value={value} what={what} />
    </Group>
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
