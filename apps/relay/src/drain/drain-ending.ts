/** Why a session ends at the deadline of a drain. */
export interface DrainEnding {
  readonly reason: 'drained';
  readonly message: string;
}

/** Of a session that still runs at the deadline of this relay. */
export const RELAY_DRAINED: DrainEnding = {
  reason: 'drained',
  message: 'the relay was drained, and the session was still running at the deadline',
};

/** Of a session that still runs at the deadline of its gateway. */
export const GATEWAY_DRAINED: DrainEnding = {
  reason: 'drained',
  message: 'its gateway was drained, and the session was still running at the deadline',
};
