import { shellWord } from '../words/shell-word.js';
import type { SiemReader } from './siem-readers.js';

/** The command that receives the first events of a reader, with the client of NATS. */
export const clientCommand = (
  { stream, consumer, inboxPrefix }: Pick<SiemReader, 'stream' | 'consumer' | 'inboxPrefix'>,
  credentials: string,
  server = 'tls://HOST:4222',
  hasAuthority = true,
): string =>
  [
    `nats --server ${shellWord(server)}`,
    `  --creds ${shellWord(credentials)}`,
    ...(hasAuthority ? ['  --tlsca bus-ca.pem'] : []),
    `  --inbox-prefix ${shellWord(inboxPrefix)}`,
    `  consumer next ${stream} ${consumer} --count 10 --no-ack`,
  ].join(' \\\n');
