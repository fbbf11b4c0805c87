/**
 * Everything between two sockets: how an agent, a gateway and a relay prove who they are, how a link carries sessions, and
 * how bytes are moved without confusing a cut with an end. It knows no policy, no bus and no record.
 *
 *   agent                          gateway                          relay
 *     │── preamble ─────────────────►│◄──────────────── preamble ────│   keys are proven: `preamble/`
 *     │                              │◄── offer waits ───────────────│   `listener/` bounds who may wait, and how long
 *     │                              │── PROXY header ──────────────►│   who the agent is: `proxy-header/`
 *     │◄════════════════ splice: ciphertext, both ways ════════════►│   `splice/`
 *     │◄───────────────── TLS 1.3, mutual: a link ─────────────────►│   `link/`
 *     │◄─────── frames: open, opened, data, end, settled ──────────►│   `frames/`, one session at a time
 *   client ◄═════════════════════ carry ══════════════════════► resource   `carry/`
 *
 * A link outlives its sessions; a connection through the gateway lives as long as its link. The plain sockets at both ends
 * are this process's own: half-closes, resets and back-pressure pass through as they are.
 */
export { Carry } from './carry/carry.js';
export type { CarryCounts, CarryEnd, PeerCounts } from './carry/carry-end.js';
export { CARRIED_SOCKET } from './carry/certain-ends.js';
export { type ControlMessage, readControl, OFFER_ANSWER, sendControl } from './control.js';
export { type ListenerHost, TunnelListener } from './listener/tunnel-listener.js';
export { type WaitingLimits, WaitingConnections } from './listener/waiting-connections.js';
export { CONTROL_LIMIT, DATA_LIMIT, encodeFrame, encodeHead, FRAME, type FrameType, HEAD_LENGTH } from './frames/frame.js';
export { FrameDecoder, type FrameSink } from './frames/frame-decoder.js';
export { Link, type LinkUser } from './link/link.js';
export { LinkKeepAlive } from './link/link-keep-alive.js';
export { addressOf } from './address-of.js';
export { type ConnectBounds, ConnectError, connectSocket } from './socket/connect-socket.js';
export { type CheckPeer, TlsAcceptor, TlsDialler, type TlsIdentity } from './link/tls.js';
export { answerError, answerOk, answerPreamble, type Proven } from './preamble/answer-preamble.js';
export type { Credentials, Peer, VerifyPeer } from './preamble/credentials.js';
export { dialPreamble, type DialRequest, readAnswer } from './preamble/dial-preamble.js';
export { type ConnectionKind, type Hello, MAGIC, MESSAGE_LIMIT, PREAMBLE_TIMEOUT_MS } from './preamble/messages.js';
export {
  encodeEndpoints,
  encodeProxyHeader,
  type Endpoint,
  LOCAL_PROXY_HEADER,
  type ProxyHeader,
  readProxyHeader,
} from './proxy-header/proxy-header.js';
export { readExactly } from './read-exactly.js';
export { Open, Opened, readBody, Refused } from './session-frames.js';
export { splice, type Spliced } from './splice/splice.js';
export { TunnelError } from './tunnel-error.js';
