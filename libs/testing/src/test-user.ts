import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseJson } from '@sluice/domain';
import { until } from '@sluice/process';

/** How long an agent may take to stop, in milliseconds. */
const STOPS_WITHIN_MS = 10_000;

/** The exit status and output of a command. */
export interface CommandResult {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A user in a test: an account, a folder for the agent, and the `sluice` command. */
export class TestUser {
  /** Those of this process that have not left. */
  private static readonly present = new Set<TestUser>();

  private constructor(
    private readonly at: { url: string; root: string },
    readonly id: string,
    readonly email: string,
    readonly passwordFile: string,
    readonly configHome: string,
  ) {}

  static async signIn(
    at: { url: string; root: string },
    account: { id: string; email: string; password: string },
  ): Promise<TestUser> {
    const configHome = mkdtempSync(path.join(tmpdir(), 'sluice-user-'));
    const passwordFile = path.join(configHome, 'password');
    writeFileSync(passwordFile, account.password, { mode: 0o600 });
    const user = new TestUser(at, account.id, account.email, passwordFile, configHome);
    TestUser.present.add(user);
    await user.signInAnew();
    return user;
  }

  /** Signs in, replacing an earlier login. */
  async signInAnew(): Promise<void> {
    await this.mustRun('login', '--server', this.at.url, '--email', this.email, '--password-file', this.passwordFile);
  }

  /** Runs `sluice` with arguments, on the same Node as npm. */
  run(...args: string[]): Promise<CommandResult> {
    const main = path.join(this.at.root, 'apps', 'agent', 'bin', 'sluice.mjs');
    const env = { ...process.env, SLUICE_CONFIG_HOME: this.configHome, NO_COLOR: '1' };
    return new Promise((resolve) => {
      execFile(
        process.env['npm_node_execpath'] ?? process.execPath,
        [main, ...args],
        { env, timeout: 60_000, cwd: this.at.root },
        (error, stdout, stderr) => {
          resolve({ status: error ? (typeof error.code === 'number' ? error.code : 1) : 0, stdout, stderr });
        },
      );
    });
  }

  /** Runs `sluice` and expects it to succeed. @throws Error with its output */
  async mustRun(...args: string[]): Promise<string> {
    const said = await this.run(...args);
    if (said.status !== 0) throw new Error(`sluice ${args.join(' ')} ended with ${said.status}: ${said.stderr}${said.stdout}`);
    return said.stdout;
  }

  /** Connects a server. @returns the local port */
  async connect(name: string): Promise<number> {
    const { results } = parseJson(await this.mustRun('connect', name, '--json')) as { results: { address: string }[] };
    return Number(results[0]?.address.split(':').at(-1));
  }

  /** Stops the agent and removes the folder. */
  async leave(): Promise<void> {
    TestUser.present.delete(this);
    if (existsSync(path.join(this.configHome, 'agent.sock'))) {
      await this.run('agent', 'stop');
      const ended = () => Promise.resolve(processesIn(this.configHome).length === 0);
      await until(ended, AbortSignal.timeout(STOPS_WITHIN_MS), 50).catch(() => undefined);
    }
    for (const pid of processesIn(this.configHome)) process.kill(pid, 'SIGKILL'); // it was only starting, or does not stop
    rmSync(this.configHome, { recursive: true, force: true });
  }

  /** Has everybody leave who has not. */
  static async leaveAll(): Promise<void> {
    await Promise.all([...TestUser.present].map((user) => user.leave()));
  }
}

/** The processes that have a folder of the `sluice` command in their environment. */
function processesIn(configHome: string): number[] {
  const isThere = (pid: string): boolean => {
    try {
      return readFileSync(path.join('/proc', pid, 'environ'), 'utf8')
        .split('\0')
        .includes(`SLUICE_CONFIG_HOME=${configHome}`);
    } catch {
      return false; // it has ended, or is somebody else's
    }
  };
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && isThere(name))
    .map(Number);
}
