import { notifications } from '@mantine/notifications';
import type { Schemas } from '@sluice/sdk';

type Reach = Schemas['Reach'];

/** Who has not confirmed a change, as a sentence; undefined if all relays that it concerns have it. */
export function missingText(reach: Reach | undefined): string | undefined {
  if (reach === undefined || (reach.published && reach.missing.length === 0)) return undefined;
  if (!reach.published) return 'It is committed, but no relay has it yet.';
  const missing = reach.missing.map(({ kind, name }) => `the ${kind} ${name}`).join(', ');
  return `Only ${reach.relays} of ${reach.of} relays have it yet; not confirmed by ${missing}.`;
}

/** Says that a change was made, and which relays may not have applied it yet. */
export function notifyChange(message: string, reach: Reach | undefined): void {
  const missing = missingText(reach);
  if (missing === undefined) notifications.show({ message });
  else notifications.show({ color: 'yellow', title: message, message: missing, autoClose: 15_000 });
}
