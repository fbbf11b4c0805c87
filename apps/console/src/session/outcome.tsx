import { Badge, Tooltip } from '@mantine/core';
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
  const badge = (
    <Badge variant="light" color={outcome === null ? 'gray' : COLORS[outcome]} tt="none" maw={260}>
      {state === 'presumed ended' ? 'presumed ended' : (outcome ?? 'unknown')}
      {endReason !== null && `: ${endReason}`}
    </Badge>
  );
  return message === null || message === '' ? badge : <Tooltip label={message}>{badge}</Tooltip>;
}
