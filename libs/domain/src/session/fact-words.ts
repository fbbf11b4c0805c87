/**
 * The content of a session's fact in words: `5 B up, 5 B down; client closed`. A fact that is not understood has none.
 * @param showBytes formats a number of bytes
 */
export function factInWords({ kind, data }: { kind: string; data?: unknown }, showBytes: (bytes: number) => string): string {
  const { dialledAddress, bytesUp, bytesDown, endReason, agent } = (data ?? {}) as Record<string, unknown>;
  const parts = [
    kind === 'opened' && typeof dialledAddress === 'string' ? `dialled ${dialledAddress}` : undefined,
    typeof bytesUp === 'number' && typeof bytesDown === 'number'
      ? `${showBytes(bytesUp)} up, ${showBytes(bytesDown)} down`
      : undefined,
    typeof endReason === 'string' ? endReason : undefined,
    kind === 'unanswered' ? (agent as { reason?: string } | undefined)?.reason : undefined,
  ];
  return parts.filter((part) => part !== undefined).join('; ');
}
