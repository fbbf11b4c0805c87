import type { Socket } from 'node:net';

/** The other end's address as people write it: IPv4 as IPv4, whatever the listening socket was. */
export const addressOf = (socket: Socket): string => socket.remoteAddress?.replace(/^::ffff:/, '') ?? '0.0.0.0';
