import { type ChildProcess, spawn } from 'node:child_process';
import { isIPv4 } from 'node:net';

/**
 * Both ends of a connection as the client's socket has them: `local` is the client's end, `remote` is ours. Each is an
 * IPv4 `address:port`, because bind addresses are IPv4.
 */
export interface Ends {
  readonly local: string;
  readonly remote: string;
}

/**
 * Asks the kernel about one TCP socket over netlink (`sock_diag(7)`, the exact look-up). The table of all sockets has the
 * same information, but reading it walks the kernel's whole hash table, which takes milliseconds on a machine with much
 * memory. Node cannot open a netlink socket; Perl can, and practically every Linux has it. A client such as Java may use
 * an IPv6 socket even for an IPv4 connection: the kernel then reports its ends as IPv4-mapped IPv6 addresses.
 * The script reads lines `id port port address address` and writes lines `id state uid inode`.
 */
const SCRIPT = `
$| = 1;
socket(my $netlink, 16, 3, 4) or exit 1;
while (my $line = <STDIN>) {
  my ($id, $sport, $dport, $src, $dst) = split ' ', $line;
  my $ends = pack('nnH32H32', $sport, $dport, $src . '0' x 24, $dst . '0' x 24);
  my $within6 = pack('nnH32H32', $sport, $dport, map { '0' x 20 . 'ffff' . $_ } $src, $dst);
  my $ask = pack('LSSLLCCCCL', 72, 20, 1, 0, 0, 2, 6, 0, 0, 0xffffffff);
  send($netlink, $ask . $ends . pack('LLL', 0, 0xffffffff, 0xffffffff), 0);
  recv($netlink, my $reply, 4096, 0);
  my ($length, $type) = unpack('LS', $reply);
  if ($type != 20) { print "$id 0 0 0\\n"; next }
  my ($state, $found, $uid, $inode) = unpack('x17 C x2 a36 x24 LL', $reply);
  my $same = $found eq $ends || $found eq $within6;
  print $same ? "$id $state $uid $inode\\n" : "$id 0 0 0\\n";
}
`;
const PERL = '/usr/bin/perl';
const ANSWER_TIMEOUT_MS = 1000;
const RESTART_MS = 5000;
/** TCP states in which a process may still have the client's end open: ESTABLISHED, FIN_WAIT1, FIN_WAIT2, CLOSE_WAIT, LAST_ACK, CLOSING. */
const HELD = new Set([1, 4, 5, 8, 9, 11]);

/**
 * Looks up the owner of one socket. Where that is not possible the result is undefined, and the caller must read the
 * table. A helper process that died, or was late because the machine is busy, is replaced after a pause.
 */
export class SockDiag {
  private helper: ChildProcess | undefined;
  private nextHelperAt = 0;
  private readonly waiting = new Map<number, (uid: number | undefined) => void>();
  private rest = '';
  private next = 1;

  /** @param restartMs pause before a helper that failed is replaced */
  constructor(private readonly restartMs = RESTART_MS) {
    this.start();
  }

  /** The user id of the socket between these ends; undefined when the kernel could not be asked, or finds no open socket. */
  owner(ends: Ends): Promise<number | undefined> {
    const from = split(ends.local);
    const to = split(ends.remote);
    if (!from || !to) return Promise.resolve(undefined);
    const helper = this.helper ?? this.start();
    if (!helper?.stdin) return Promise.resolve(undefined);
    const id = this.next++;
    helper.stdin.write(`${id} ${from.port} ${to.port} ${from.hex} ${to.hex}\n`);
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.giveUp(helper), ANSWER_TIMEOUT_MS);
      this.waiting.set(id, (uid) => {
        clearTimeout(timer);
        resolve(uid);
      });
    });
  }

  close(): void {
    this.nextHelperAt = Number.POSITIVE_INFINITY;
    if (this.helper) this.giveUp(this.helper);
  }

  private start(): ChildProcess | undefined {
    if (process.platform !== 'linux' || performance.now() < this.nextHelperAt) return undefined;
    const helper = spawn(PERL, ['-e', SCRIPT], { stdio: ['pipe', 'pipe', 'ignore'], env: {} });
    this.helper = helper;
    this.rest = '';
    helper.unref();
    helper.on('error', () => this.giveUp(helper)).on('exit', () => this.giveUp(helper));
    helper.stdin.on('error', () => this.giveUp(helper));
    helper.stdout.on('data', (chunk: Buffer) => helper === this.helper && this.read(chunk.toString('latin1')));
    return helper;
  }

  private read(text: string): void {
    const lines = (this.rest + text).split('\n');
    this.rest = lines.pop() ?? '';
    for (const line of lines) {
      const [id = 0, state = 0, uid = 0, inode = 0] = line.split(' ').map(Number);
      this.waiting.get(id)?.(HELD.has(state) && inode !== 0 ? uid : undefined);
      this.waiting.delete(id);
    }
  }

  /** This helper is unusable: pending look-ups resolve without an owner, so that their callers read the table. */
  private giveUp(helper: ChildProcess): void {
    if (helper !== this.helper) return;
    this.helper = undefined;
    this.nextHelperAt = Math.max(this.nextHelperAt, performance.now() + this.restartMs);
    for (const answer of this.waiting.values()) answer(undefined);
    this.waiting.clear();
    helper.kill('SIGKILL');
  }
}

/** Splits an `address:port` into the form that the script reads; undefined when the address is not IPv4. */
function split(end: string): { hex: string; port: string } | undefined {
  const at = end.lastIndexOf(':');
  const address = end.slice(0, at);
  if (!isIPv4(address)) return undefined;
  return { hex: Buffer.from(address.split('.').map(Number)).toString('hex'), port: end.slice(at + 1) };
}
