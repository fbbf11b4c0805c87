import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { BackOff } from '@sluice/domain';
import { ended, stopChild } from './child.js';
import { StartError } from './home.js';
import { LogTail } from './log-tail.js';
import { recordProcess, stopRecorded } from './recorded-process.js';

/** Delays between restarts of a process that keeps ending; they begin with the shortest again after it ran for a minute. */
const FIRST_WAIT_MS = 500;
const LAST_WAIT_MS = 30_000;
const STEADY_MS = 60_000;

/** A program and how to run it. Its output is written to its log. */
export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  readonly env: Record<string, string>;
  /** The user that it runs as, if not the current one. */
  readonly user?: { readonly uid: number; readonly gid: number } | undefined;
  /** Whether it can send messages to this process. */
  readonly ipc?: boolean;
}

/** How a process is supervised. */
export interface SupervisedProcessOptions<Ready> {
  /** Its name in messages. */
  readonly name: string;
  readonly logFile: string;
  /** Where it is recorded for a later start: a file that only this user can write. */
  readonly record: string;
  /** Prepares each start. No process of an earlier start is running when it is called. */
  readonly prepare: () => Command | Promise<Command>;
  /** Resolves when it can be used, to what its users need. Cancelled by the signal. */
  readonly ready: (child: ChildProcess, signal: AbortSignal) => Promise<Ready>;
  /** Milliseconds after which a start that is not ready is abandoned. */
  readonly startTimeoutMs: number;
  /** Matches a line of its log that says why it could not start; see {@link LogTail.lastReason}. */
  readonly reason?: RegExp;
  /** Signal that asks it to stop in an orderly way. */
  readonly stopSignal: NodeJS.Signals;
  /** Whether it is restarted when it ends. */
  readonly restart: boolean;
  /** Exit statuses after which it is not restarted, and why. */
  readonly final?: Readonly<Record<number, string>>;
  /** Receives messages for the user. */
  readonly say: (line: string) => void;
}

const STOP_WITHIN_MS = 10_000;

/**
 * A supervised child process: started, used when it is ready, restarted with growing delays if it ends by itself, stopped.
 *
 *   start ──► prepare ──► spawn ──► ready ──► runs ──► stop
 *               ▲           └── given up ─┐     │
 *               └────────── wait ◄────────┴─────┘ ended
 */
export class SupervisedProcess<Ready> {
  private child: ChildProcess | undefined;
  private announced: { readonly value: Ready } | undefined;
  private wanted = false;
  private timer: NodeJS.Timeout | undefined;
  private starting: Promise<unknown> = Promise.resolve();
  private readonly backOff = new BackOff(FIRST_WAIT_MS, LAST_WAIT_MS);

  constructor(private readonly options: SupervisedProcessOptions<Ready>) {}

  /** Whether it has ever been ready. */
  get hasStarted(): boolean {
    return this.announced !== undefined;
  }

  /** What it reported when it was last ready. */
  get value(): Ready {
    if (!this.announced) throw new Error(`${this.options.name} has not started`);
    return this.announced.value;
  }

  get pid(): number | undefined {
    return this.child?.pid;
  }

  /** The process that runs now. */
  get process(): ChildProcess {
    if (!this.child) throw new Error(`${this.options.name} has not started`);
    return this.child;
  }

  /** Starts it and waits until it is ready. If it fails to start, its process has ended when this rejects. @throws StartError with the reason from its log and the path of the log */
  async start(): Promise<Ready> {
    this.wanted = true;
    try {
      return await this.run();
    } catch (error) {
      if (error instanceof GivenUp) throw new StartError(`${error.message}\nIts log: ${this.options.logFile}`, { cause: error });
      throw error;
    }
  }

  /** Sends a signal to the process. */
  kill(signal: NodeJS.Signals): void {
    this.child?.kill(signal);
  }

  /** Resolves when the current process has ended, to its exit status; null if a signal ended it. */
  async ended(): Promise<number | null> {
    if (this.child) await ended(this.child);
    return this.child?.exitCode ?? null;
  }

  /** Stops it permanently, including a start in progress: with its stop signal, and by SIGKILL after the time (milliseconds). */
  async stop(withinMs = STOP_WITHIN_MS): Promise<void> {
    this.wanted = false;
    clearTimeout(this.timer);
    if (this.child) await stopChild(this.child, this.options.stopSignal, withinMs);
    await this.starting;
  }

  private run(): Promise<Ready> {
    const running = this.begin();
    this.starting = running.catch(() => undefined);
    return running;
  }

  private async begin(): Promise<Ready> {
    const { name, logFile, record, prepare, stopSignal, say } = this.options;
    if (await stopRecorded(record, stopSignal)) say(`${name} of an earlier start was still running; it was stopped.`);
    const { file, args, env, user, ipc } = await prepare();
    if (!this.wanted) throw new GivenUp(`${name} was stopped before it had started`);
    const log = openSync(logFile, 'a', 0o600);
    const tail = new LogTail(logFile);
    const stdio = ['ignore' as const, log, log, ...(ipc === true ? ['ipc' as const] : [])];
    const child = spawn(file, args, { env, uid: user?.uid, gid: user?.gid, stdio, detached: true });
    closeSync(log); // the child has its own
    this.child = child;
    const startedAt = Date.now();
    this.announced = { value: await this.untilReady(child, record, tail) };
    void ended(child).then(() => this.onEnd(child, Date.now() - startedAt));
    return this.announced.value;
  }

  private async untilReady(child: ChildProcess, record: string, tail: LogTail): Promise<Ready> {
    const { name, ready, startTimeoutMs } = this.options;
    const over = new AbortController();
    let timer: NodeJS.Timeout | undefined;
    const failed = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new GivenUp(`${name} did not start in time`)), startTimeoutMs);
      child.once('error', (cause) => reject(new GivenUp(`${name} could not be started: ${cause.message}`, { cause })));
      child.once('exit', () => {
        if (over.signal.aborted) return; // it had started
        const words = tail.lastReason(this.options.reason);
        reject(new GivenUp(`${name} ended while it started${words === '' ? '' : `: ${words}`}`));
      });
    });
    try {
      recordProcess(record, child.pid);
      return await Promise.race([ready(child, over.signal), failed]);
    } catch (error) {
      failed.catch(() => undefined);
      await stopChild(child, 'SIGKILL'); // an abandoned process must not run beside its successor
      throw error;
    } finally {
      clearTimeout(timer);
      over.abort();
    }
  }

  private onEnd(child: ChildProcess, ranMs: number): void {
    if (child !== this.child) return;
    const { name, final, logFile, say } = this.options;
    const why = final?.[child.exitCode ?? 0];
    if (why !== undefined && this.wanted) return say(`${name} ${why}, so it is not restarted. Its log: ${logFile}`);
    this.startAgain(`${name} ended unexpectedly (${child.signalCode ?? `status ${child.exitCode}`})`, ranMs);
  }

  private startAgain(why: string, ranMs: number): void {
    const { name, logFile, restart, say } = this.options;
    if (!this.wanted || !restart) return;
    if (ranMs > STEADY_MS) this.backOff.reset();
    const waitMs = this.backOff.next();
    say(`${why}; it is restarted in ${(waitMs / 1000).toFixed(1)} s. Its log: ${logFile}`);
    this.timer = setTimeout(() => {
      this.run().then(
        () => say(`${name} is back.`),
        (error: unknown) => this.startAgain((error as Error).message, 0),
      );
    }, waitMs);
  }
}

/** A start that failed because of what the process did. */
class GivenUp extends Error {}
