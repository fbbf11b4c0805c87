import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseJson } from '@sluice/domain';

/** The exit status and output of a command. */
export interface CommandResult {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A user in a test: an account, a folder for the agent, and the `sluice` command. */
export class TestUser {
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
    if (existsSync(path.join(this.configHome, 'agent.sock'))) await this.run('agent', 'stop');
    rmSync(this.configHome, { recursive: true, force: true });
  }
}
