import { type ChildProcess, spawn } from 'node:child_process';
import { openSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ended, type ServiceProcess, stopChild, type StoreServer } from '@sluice/embedded';
import { nodeRuntime } from '@sluice/process';
import type { Dice } from './dice.js';

/** A process that can be killed and restarted. */
export interface Killable {
  /** Sends SIGKILL to the present process. */
  kill(): void;
  /** Resolves when the present process has ended. */
  ended(): Promise<void>;
  /** Starts a new process. @throws Error if it does not start; then it is retried */
  start(): Promise<unknown>;
}

/** When a process was killed. */
export interface Kill {
  readonly name: string;
  readonly at: number;
}

/** A process that is killed at any moment, also while it starts, and restarted. */
export class Victim {
  private reviving: Promise<unknown> | undefined;
  /** Why it could not be restarted. */
  failure: string | undefined;
  private spared = false;

  constructor(
    readonly name: string,
    private readonly process: Killable,
    private readonly dice: Dice,
    private readonly kills: Kill[],
  ) {}

  strike(): void {
    if (this.spared) return;
    this.kills.push({ name: this.name, at: Date.now() });
    this.process.kill();
    this.reviving ??= this.revive()
      .catch((error: unknown) => (this.failure = `${this.name} does not start again: ${(error as Error).message}`))
      .then(() => (this.reviving = undefined));
  }

  /** Ends the attacks on it. Resolves when it runs. */
  async spare(): Promise<void> {
    this.spared = true;
    await this.reviving;
  }

  private async revive(): Promise<void> {
    for (let tries = 1; ; tries++) {
      await this.process.ended();
      await sleep(this.spared ? 0 : this.dice.wait(800)); // how long a process is gone is random
      try {
        await this.process.start();
        return;
      } catch (error) {
        if (tries > 100) throw error;
      }
    }
  }
}

/** A service of an installation that does not restart its services itself. */
export const killableService = (service: ServiceProcess): Killable => ({
  kill: () => service.kill('SIGKILL'),
  ended: async () => void (await service.ended()),
  start: () => service.start(),
});

/** A store that the installation is given, and that is restarted on the same data and port. */
export class KillableStore implements Killable, StoreServer {
  private running: (StoreServer & { readonly process: ChildProcess }) | undefined;

  constructor(private readonly launch: () => Promise<StoreServer & { readonly process: ChildProcess }>) {}

  get url(): string {
    return this.running?.url ?? '';
  }

  kill(): void {
    this.running?.process.kill('SIGKILL');
  }

  async ended(): Promise<void> {
    if (this.running) await ended(this.running.process);
  }

  async start(): Promise<this> {
    this.running = await this.launch();
    return this;
  }

  async stop(): Promise<void> {
    await this.running?.stop();
  }
}

/** An agent in the foreground, of the login in a folder. */
export class KillableAgent implements Killable {
  private child: ChildProcess | undefined;

  constructor(
    private readonly root: string,
    private readonly configHome: string,
  ) {}

  kill(): void {
    this.child?.kill('SIGKILL');
  }

  async ended(): Promise<void> {
    if (this.child) await ended(this.child);
  }

  start(): Promise<void> {
    const log = openSync(path.join(this.configHome, 'agent.log'), 'a', 0o600);
    const main = path.join(this.root, 'apps', 'agent', 'bin', 'sluice.mjs');
    const env = { ...process.env, SLUICE_CONFIG_HOME: this.configHome };
    this.child = spawn(nodeRuntime(undefined).file, [main, 'agent', 'run'], { env, stdio: ['ignore', log, log] });
    return Promise.resolve();
  }

  async stop(): Promise<void> {
    if (this.child) await stopChild(this.child, 'SIGTERM');
  }
}
