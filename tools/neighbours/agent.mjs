// The `sluice` command of a checkout, with a folder of its own.
import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { cleanEnvironment } from './previous.mjs';

const execute = promisify(execFile);

/** An agent of a user: the checkout whose `sluice` is run, which may change, and the folder of its login. */
export class Agent {
  constructor(checkout, folder) {
    this.checkout = checkout;
    this.folder = folder;
  }

  /** Runs `sluice`. @returns its output @throws Error with what it printed if it fails */
  async run(...args) {
    const main = path.join(this.checkout, 'apps', 'agent', 'bin', 'sluice.mjs');
    const env = { ...cleanEnvironment(), SLUICE_CONFIG_HOME: this.folder, NO_COLOR: '1' };
    try {
      const { stdout } = await execute(process.execPath, [main, ...args], { env, timeout: 60_000, cwd: this.checkout });
      return stdout;
    } catch (error) {
      throw new Error(`sluice ${args.join(' ')}: ${error.stderr || error.message}`, { cause: error });
    }
  }

  /** Connects a server. @returns where it listens */
  async connect(name) {
    const [result] = JSON.parse(await this.run('connect', name, '--json')).results;
    if (!result.ok) throw new Error(`sluice connect ${name}: ${result.error}`);
    return result.address;
  }

  /** Stops the agent and uses the `sluice` of another checkout from now on, with the same folder. */
  async upgrade(checkout) {
    await this.run('agent', 'stop');
    this.checkout = checkout;
  }
}
