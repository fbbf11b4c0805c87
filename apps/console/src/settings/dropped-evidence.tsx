import { counted } from '../words/quantity.js';

/** Evidence of one kind, and how old it is when it is dropped. */
export interface DroppedKind {
  readonly what: string;
  readonly days: number;
}

/** Says what a shorter retention drops, and from when on. */
export const DroppedEvidence = ({ dropped }: { readonly dropped: readonly DroppedKind[] }) => (
  <>
    A day after it is saved, the following is dropped unless a hold keeps it, and cannot be restored:{' '}
    {dropped.map(({ what, days }) => `${what} from more than ${counted(days, 'day')} ago`).join('; ')}. Export what you still need
    before.
  </>
);
