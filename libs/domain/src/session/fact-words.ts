import { bytesText } from '../bytes-text.js';

/** The content of a session's fact in words: `5 B up, 5 B down; client closed`. A fact that is not understood has none. */
export function factInWords({ kind, data }: { kind: string; data?: unknown }): string {
  const { dialledAddress, bytesUp, bytesDown, endReason, agent } = (data ?? {}) as Record<string, unknown>;
  const parts = [
    kind === 'opened' && typeof dialledAddress === 'string' ? `dialled ${dialledAddress}` : undefined,
    typeof bytesUp === 'number' && typeof bytesDown === 'number'
      ? `${bytesText(bytesUp)} up, ${bytesText(bytesDown)} down`
      : undefined,
    typeof endReason === 'string' ? endReason : undefined,
    kind === 'unanswered' ? (agent as { reason?: string } | undefined)?.reason : undefined,
  ];
  return parts.filter((part) => part !== undefined).join('; ');
}

/** Whether a fact is signed, in a word; a checkpoint, which has no place in the chain, is not to be. */
export const signedText = (signed: boolean | null): string => (signed === null ? '—' : signed ? 'yes' : 'not yet');
