import { headers, type MsgHdrs } from '@nats-io/transport-node';

const VERSION = 'NATS/1.0';

/** The class of headers, as far as it is used here. The client library does not export it. */
interface HeadersClass {
  decode(bytes: Uint8Array): MsgHdrs;
}

/**
 * Has the client library leave out header lines that it cannot parse. It parses a message's headers when somebody asks for them, also
 * within its own reading loop, where an error ends that loop: one malformed line, which the server stores and forwards as it is, would
 * make a process deaf until the connection is found to be stale, half a minute later.
 */
export function tolerateMalformedHeaders(): void {
  const type = headers().constructor as unknown as HeadersClass;
  const decode = type.decode.bind(type);
  const isReadable = (line: string): boolean => attempt(() => decode(Buffer.from(`${VERSION}\r\n${line}\r\n\r\n`))) !== undefined;
  type.decode = (bytes) => attempt(() => decode(bytes)) ?? decode(withoutUnreadable(bytes, isReadable));
}

function withoutUnreadable(bytes: Uint8Array, isReadable: (line: string) => boolean): Uint8Array {
  const [first = VERSION, ...lines] = Buffer.from(bytes).toString().split('\r\n');
  return Buffer.from([first, ...lines.filter((line) => line !== '' && isReadable(line)), '', ''].join('\r\n'));
}

function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}
