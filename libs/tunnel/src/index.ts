/**
 * Everything between two sockets: how an agent, a gateway and a relay prove who they are, how a link carries sessions, and
 * how bytes are moved so that a broken connection is never mistaken for an orderly end. It knows nothing of policy, the bus
 * or records.
 *
 *   agent                          gateway                          relay
 *     │── preamble ─────────────────►│◄──────────────── preamble ────│   both ends prove their keys: `preamble/`
 *     │                              │◄────────────────── control ──►│   load, and the number of offers wanted: `control/`
 *     │                              │◄──────────────────── offer ───│   waits to be paired with an agent
 *     │                              │── PROXY header ──────────────►│   who the agent is: `proxy-header/`
 *     │                              │◄──────── taken, withdrawn ────│   one byte: `control/offer-answer.ts`
 *     │◄════════════ splice: ciphertext, both directions ══════════►│   `splice/`
 *     │◄───────────────── TLS 1.3, mutual: a link ─────────────────►│   `link/`
 *     │◄─────── frames: open, opened, data, end, settled ──────────►│   one session at a time: `frames/`
 *   client ◄═════════════════════ carry ══════════════════════► resource   `carry/`
 *
 * `listener/` is the port of a gateway, or of a relay that agents reach directly: it limits who may connect and for how long
 * a connection may stay silent. `socket/` is what all of them do with a plain socket: connect with a deadline, read an exact
 * number of bytes, and fail with a `TunnelError`.
 *
 * A link outlives its sessions; a connection through the gateway lives as long as its link. The agent and the relay own the
 * plain sockets at both ends. Half-closes, resets and back-pressure pass through unchanged.
 */
export { Carry } from './carry/carry.js';
export type { CarryCounts, CarryEnd } from './carry/carry-end.js';
export { CARRIED_SOCKET } from './carry/certain-ends.js';
export { type ControlMessage, readControl, sendControl } from './control/control-message.js';
export { OFFER_ANSWER } from './control/offer-answer.js';
export { Open, Opened, readBody, Refused } from './frames/session-frames.js';
export { Link } from './link/link.js';
export { LinkKeepAlive } from './link/link-keep-alive.js';
export { TlsAcceptor, TlsDialler, type TlsIdentity } from './link/tls.js';
export { TunnelListener } from './listener/tunnel-listener.js';
export { type WaitingLimits, WaitingConnections } from './listener/waiting-connections.js';
export { answerError, answerOk, answerPreamble, type Proven } from './preamble/answer-preamble.js';
export type { Credentials, Peer, VerifyPeer } from './preamble/credentials.js';
export { dialPreamble, readAnswer } from './preamble/dial-preamble.js';
export { type ConnectionKind, type Hello, PREAMBLE_TIMEOUT_MS } from './preamble/messages.js';
export {
  encodeEndpoints,
  encodeProxyHeader,
  type Endpoint,
  LOCAL_PROXY_HEADER,
  type ProxyHeader,
  readProxyHeader,
} from './proxy-header/proxy-header.js';
export { addressOf } from './socket/address-of.js';
export { ConnectError, connectSocket } from './socket/connect-socket.js';
export { readExactly } from './socket/read-exactly.js';
export { TunnelError } from './socket/tunnel-error.js';
export { splice } from './splice/splice.js';
