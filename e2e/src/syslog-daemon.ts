import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { freePort } from '@sluice/embedded';
import { untilListening } from './until-listening.js';

/** Where Debian's packages are unpacked, because rsyslog and syslog-ng cannot be installed together; `.ci/run` sets it. */
const UNPACKED = process.env['SLUICE_TEST_SYSLOG'] ?? '/';

/** A file of one of the packages; undefined if it is not there. */
function fileOf(...names: string[]): string | undefined {
  for (const name of names) {
    const [folder = '', pattern = ''] = [path.join(UNPACKED, path.dirname(name)), path.basename(name)];
    const found = existsSync(folder) ? readdirSync(folder).find((one) => one === pattern) : undefined;
    if (found !== undefined) return path.join(folder, found);
  }
  return undefined;
}

const LIBRARIES = `usr/lib/${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}-linux-gnu`;

/** A syslog daemon of Debian. */
export interface SyslogProgram {
  readonly name: string;
  /** Whether it is there, with its module for TLS. */
  readonly present: boolean;
  /** The command that runs it in the foreground with a configuration that is written to the folder. */
  prepare(
    folder: string,
    port: number,
    tls: { key: string; certificate: string; ca: string },
  ): { command: string[]; env: NodeJS.ProcessEnv };
}

const rsyslogd = fileOf('usr/sbin/rsyslogd');
/** rsyslog, which writes each message as it arrived. */
export const rsyslog: SyslogProgram = {
  name: 'rsyslog',
  present: rsyslogd !== undefined && fileOf(`${LIBRARIES}/rsyslog/lmnsd_gtls.so`) !== undefined,
  prepare: (folder, port, { key, certificate, ca }) => {
    const configuration = `global(workDirectory="${folder}" maxMessageSize="64k" defaultNetstreamDriver="gtls"
  defaultNetstreamDriverCAFile="${ca}" defaultNetstreamDriverCertFile="${certificate}" defaultNetstreamDriverKeyFile="${key}")
module(load="imtcp" StreamDriver.Name="gtls" StreamDriver.Mode="1" StreamDriver.AuthMode="anon")
template(name="raw" type="string" string="%rawmsg%\\n")
input(type="imtcp" address="127.0.0.1" port="${port}")
action(type="omfile" file="${folder}/messages" template="raw")
`;
    writeFileSync(path.join(folder, 'rsyslog.conf'), configuration);
    const modules = path.join(UNPACKED, LIBRARIES, 'rsyslog');
    const args = ['-n', '-f', path.join(folder, 'rsyslog.conf'), '-i', path.join(folder, 'pid'), '-M', modules];
    return { command: [rsyslogd ?? '', ...args], env: {} };
  },
};

const syslogNgd = fileOf('usr/sbin/syslog-ng');
/** syslog-ng, which parses each message and writes it again. */
export const syslogNg: SyslogProgram = {
  name: 'syslog-ng',
  present: syslogNgd !== undefined,
  prepare: (folder, port, { key, certificate }) => {
    const libraries = path.join(UNPACKED, 'usr', 'lib', 'syslog-ng');
    const version = readdirSync(libraries).find((name) => /^\d+\.\d+$/.test(name)) ?? '';
    const configuration = `@version: ${version}
options { log-msg-size(65536); };
source s { syslog(ip("127.0.0.1") port(${port}) transport("tls") tls(key-file("${key}") cert-file("${certificate}") peer-verify(optional-untrusted))); };
destination d { file("${folder}/messages" template("<$PRI>1 $ISODATE $HOST $PROGRAM \${PID:--} \${MSGID:--} $SDATA $MSG\\n") flush-lines(1)); };
log { source(s); destination(d); };
`;
    writeFileSync(path.join(folder, 'syslog-ng.conf'), configuration);
    const files = ['persist', 'ctl', 'pid'].map((name) => path.join(folder, name));
    const [persist = '', control = '', pid = ''] = files;
    const args = ['--foreground', '--no-caps', '--stderr', '--cfgfile', path.join(folder, 'syslog-ng.conf')];
    const places = ['--module-path', path.join(libraries, version), '--persist-file', persist, '--control', control];
    return { command: [syslogNgd ?? '', ...args, ...places, '--pidfile', pid], env: { LD_LIBRARY_PATH: libraries } };
  },
};

/** A syslog daemon that runs as an unprivileged user, with TLS at a port of its own. */
export class SyslogDaemon {
  private child: ChildProcess | undefined;
  private output = '';

  private constructor(
    private readonly program: SyslogProgram,
    private readonly folder: string,
    readonly port: number,
    /** The authority of its certificate. */
    readonly ca: string,
  ) {}

  /** Starts a daemon. @param folder an empty one, for everything that it writes */
  static async start(program: SyslogProgram, folder: string): Promise<SyslogDaemon> {
    mkdirSync(folder, { recursive: true });
    const certificate = path.join(folder, 'certificate.pem');
    const key = path.join(folder, 'key.pem');
    const request = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=localhost'];
    execFileSync('openssl', [...request, '-addext', 'subjectAltName=DNS:localhost', '-keyout', key, '-out', certificate], {
      stdio: 'ignore',
    });
    for (const file of [key, certificate]) chmodSync(file, 0o644);
    chmodSync(folder, 0o777);
    const daemon = new SyslogDaemon(program, folder, await freePort(), certificate);
    await daemon.run();
    return daemon;
  }

  /** Starts it, also again after `stop`. */
  async run(): Promise<void> {
    const tls = { key: path.join(this.folder, 'key.pem'), certificate: this.ca, ca: this.ca };
    const { command, env } = this.program.prepare(this.folder, this.port, tls);
    const unprivileged = process.getuid?.() === 0 ? ['setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups'] : [];
    const [file = '', ...args] = [...unprivileged, ...command];
    const child = spawn(file, args, { cwd: this.folder, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    this.child = child;
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => (this.output += chunk.toString()));
    await untilListening(this.port, child).catch((cause: unknown) => {
      throw new Error(`${this.program.name} does not listen:\n${this.output}`, { cause });
    });
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    const { child } = this;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill(signal);
    await gone;
  }

  /** The messages that it has written. */
  get messages(): string[] {
    const file = path.join(this.folder, 'messages');
    return existsSync(file) ? readFileSync(file, 'utf8').split('\n').slice(0, -1) : [];
  }
}
