export { Carry } from './carry/carry.js';
export type { CarryCounts, CarryEnd, PeerCounts } from './carry/carry-end.js';
export { CARRIED_SOCKET } from './carry/certain-ends.js';
export { type ControlMessage, hearControl, OFFER_WORD, tellControl } from './control.js';
export { type ListenerHost, TunnelListener } from './listener/tunnel-listener.js';
export { type RoomSize, WaitingRoom } from './listener/waiting-room.js';
export { CONTROL_LIMIT, DATA_LIMIT, encodeFrame, encodeHead, FRAME, type FrameType, HEAD_LENGTH } from './frames/frame.js';
export { FrameDecoder, type FrameSink } from './frames/frame-decoder.js';
export { Link, type LinkUser } from './link/link.js';
export { LinkKeeper } from './link/link-keeper.js';
export { addressOf } from './address-of.js';
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
