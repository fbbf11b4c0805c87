import { Badge } from '@mantine/core';
import type { Session } from './sessions.js';

const COLORS = { completed: 'green', refused: 'yellow', failed: 'red' } as const;

/** How a session turned out, and why it ended; or that it runs. */
export function Outcome({ session }: { readonly session: Session }) {
  const { state, outcome, endReason, message } = session;
  if (state === 'live') {
    return (
      <Badge variant="light" color="blue" tt="none">
        live
      </Badge>
    );
  }
  const tip = message === null || message === '' ? undefined : message;
  return (
    <Badge variant="light" color={outcome === null ? 'gray' : COLORS[outcome]} tt="none" maw={260} data-tip={tip}>
      {state === 'presumed ended' ? 'presumed ended' : (outcome ?? 'unknown')}
      {endReason !== null && `: ${endReason}`}
    </Badge>
  );
}
