/** Why a session ends at the deadline of a drain. */
export interface DrainEnding {
  readonly reason: 'drained';
  readonly message: string;
}

/** Of a session that still runs when the time of a drain by an administrator is over. */
export const drainedEnding = (what: string): DrainEnding => ({
  reason: 'drained',
  message: `${what} was drained, and the session was still running at the deadline`,
});

/** Of a session that still runs when a process that stops has waited `withinMs` for it. */
export const stoppedEnding = (what: string, withinMs: number): DrainEnding => ({
  reason: 'drained',
  message:
    withinMs === 0
      ? `${what} was stopped without waiting for its sessions`
      : `${what} was stopped, and the session was still running at the deadline`,
});
