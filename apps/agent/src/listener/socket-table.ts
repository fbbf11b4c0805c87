import { readFileSync } from 'node:fs';

/** A line of the kernel's table of TCP sockets. */
export interface SocketLine {
  readonly local: string;
  readonly remote: string;
  readonly listening: boolean;
  readonly uid: number;
  /** 0 when no process has the socket open any more. */
  readonly inode: number;
}

/** Turns `0100007F:1F90` (or the IPv6 form) into `127.0.0.1:8080`; an IPv4-mapped IPv6 address becomes IPv4. */
function decodeAddress(text: string): string {
  const [hex = '', port = ''] = text.split(':');
  const words = hex.match(/.{8}/g) ?? [];
  const bytes = words.flatMap((word) => (word.match(/../g) ?? []).reverse().map((byte) => Number.parseInt(byte, 16)));
  const mapped = bytes.length === 16 && bytes.slice(0, 10).every((byte) => byte === 0) && bytes[10] === 255 && bytes[11] === 255;
  const v4 = bytes.length === 4 ? bytes : mapped ? bytes.slice(12) : undefined;
  return `${v4 ? v4.join('.') : bytes.map((byte) => byte.toString(16).padStart(2, '0')).join('')}:${Number.parseInt(port, 16)}`;
}

/** Reads `/proc/net/tcp` and `tcp6`. Linux only; empty elsewhere. */
export function readSocketTable(): SocketLine[] {
  return ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((file) => {
    let text: string;
    try {
      text = readFileSync(file, 'latin1');
    } catch {
      return [];
    }
    return text
      .split('\n')
      .slice(1)
      .filter((line) => line !== '')
      .map(parseLine);
  });
}

function parseLine(line: string): SocketLine {
  const [, local = '', remote = '', state = '', , , , uid = '', , inode = ''] = line.trim().split(/\s+/);
  return {
    local: decodeAddress(local),
    remote: decodeAddress(remote),
    listening: state === '0A',
    uid: Number(uid),
    inode: Number(inode),
  };
}
