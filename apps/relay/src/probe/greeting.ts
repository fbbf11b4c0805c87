/** What the first bytes of a service are. */
export type Greeting =
  /** A greeting; `reply` begins to end the conversation as the service's protocol wants, and is empty for other protocols. */
  | { readonly kind: 'greeted'; readonly protocol: 'ssh' | 'smtp' | 'mysql' | 'other'; readonly reply: Buffer }
  /** The service rejects connections of this relay. */
  | { readonly kind: 'rejected'; readonly why: string }
  /** More bytes are needed. */
  | { readonly kind: 'incomplete' };

/** The account that a check names to MySQL. It need not exist. */
const MYSQL_ACCOUNT = 'sluice-check';
/** Long enough for every greeting of MySQL. */
const LONGEST_MYSQL_GREETING = 1000;
const MYSQL_HEAD = 4;
const MYSQL_PROTOCOL = 0x0a;
const MYSQL_ERROR = 0xff;
const MYSQL_SWITCH = 0xfe;
const MYSQL_OK = 0x00;
/** Long password, protocol 4.1, secure connection, authentication plugin. */
const MYSQL_CAPABILITIES = 0x1 | 0x200 | 0x8000 | 0x80000;

const greeted = (protocol: 'ssh' | 'smtp' | 'mysql' | 'other', reply: string | Buffer): Greeting => ({
  kind: 'greeted',
  protocol,
  reply: Buffer.from(reply),
});

/**
 * Reads a greeting. Services count connections that end in the middle of a handshake as errors, and MySQL blocks a host after some
 * of them, so a check ends the conversation in order if it knows the protocol:
 *
 *   SSH     ◄── identification          identification ──►
 *   SMTP    ◄── 220 (FTP too)           QUIT ──►
 *   MySQL   ◄── greeting                sign-in of an account that does not exist ──►     ◄── access denied
 */
export function readGreeting(bytes: Buffer): Greeting {
  if (bytes.length === 0) return { kind: 'incomplete' };
  const text = bytes.subarray(0, MYSQL_HEAD).toString('latin1');
  if (text === 'SSH-') return greeted('ssh', 'SSH-2.0-Sluice_check\r\n');
  if (text === '220 ' || text === '220-') return greeted('smtp', 'QUIT\r\n');
  return readMysqlGreeting(bytes) ?? greeted('other', '');
}

/** Length and number of a packet of MySQL, which its first four bytes are. */
const headOf = (bytes: Buffer): { length: number; number: number } => ({
  length: bytes.readUIntLE(0, 3),
  number: bytes.readUInt8(3),
});

function packet(number: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(MYSQL_HEAD);
  head.writeUIntLE(payload.length, 0, 3);
  head.writeUInt8(number, 3);
  return Buffer.concat([head, payload]);
}

/** @returns undefined if the bytes are not of MySQL */
function readMysqlGreeting(bytes: Buffer): Greeting | undefined {
  if (bytes.length <= MYSQL_HEAD)
    return bytes.length === MYSQL_HEAD && bytes.readUInt8(3) !== 0 ? undefined : { kind: 'incomplete' };
  const { length, number } = headOf(bytes);
  const kind = bytes.readUInt8(MYSQL_HEAD);
  if (number !== 0 || length < 3 || length > LONGEST_MYSQL_GREETING || (kind !== MYSQL_PROTOCOL && kind !== MYSQL_ERROR))
    return undefined;
  if (bytes.length < MYSQL_HEAD + length) return { kind: 'incomplete' };
  const payload = bytes.subarray(MYSQL_HEAD, MYSQL_HEAD + length);
  if (kind === MYSQL_ERROR) return { kind: 'rejected', why: `MySQL error ${payload.readUInt16LE(1)}` };
  return greeted('mysql', packet(1, signIn(pluginOf(payload))));
}

/** The authentication plugin that a greeting names at its end. */
function pluginOf(payload: Buffer): string {
  const end = payload.at(-1) === 0 ? payload.length - 1 : payload.length;
  const name = payload.subarray(payload.subarray(0, end).lastIndexOf(0) + 1, end).toString('latin1');
  return /^[a-z0-9_]+$/.test(name) ? name : 'mysql_native_password';
}

/** Signs in without a password. */
function signIn(plugin: string): Buffer {
  const head = Buffer.alloc(32);
  head.writeUInt32LE(MYSQL_CAPABILITIES, 0);
  head.writeUInt32LE(1 << 24, 4); // the longest packet
  head.writeUInt8(45, 8); // utf8mb4
  return Buffer.concat([head, Buffer.from(`${MYSQL_ACCOUNT}\0\0${plugin}\0`)]);
}

/** What is sent when MySQL has replied to the sign-in; empty if the conversation is over. */
export function replyToMysql(bytes: Buffer): Buffer {
  if (bytes.length <= MYSQL_HEAD) return Buffer.alloc(0);
  const kind = bytes.readUInt8(MYSQL_HEAD);
  if (kind === MYSQL_SWITCH) return packet(headOf(bytes).number + 1, Buffer.alloc(0)); // no password for another plugin either
  return kind === MYSQL_OK ? packet(0, Buffer.from([1])) : Buffer.alloc(0); // the account exists: quit
}
