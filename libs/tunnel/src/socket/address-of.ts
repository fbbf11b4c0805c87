import type { Socket } from 'node:net';

/** The peer's address in its usual notation: an IPv4 address is not shown as an IPv4-mapped IPv6 address, even if the listener is dual-stack. */
export const addressOf = (socket: Socket): string => socket.remoteAddress?.replace(/^::ffff:/, '') ?? '0.0.0.0';
