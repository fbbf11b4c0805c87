import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { BackOff } from '@sluice/domain';
import { ended, stopChild } from './child.js';
import { StartError } from './home.js';
import { LogTail } from './log-tail.js';
import { recordProcess, stopRecorded } from './recorded-process.js';

/** Between two starts of what keeps ending; a process that ran for a minute begins with the first wait anew. */
const FIRST_WAIT_MS = 500;
const LAST_WAIT_MS = 30_000;
const STEADY_MS = 60_000;

/** A program, and how it is run. Its output goes to its log. */
export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  readonly env: Record<string, string>;
  /** As whom, when that is not us. */
  readonly user?: { readonly uid: number; readonly gid: number } | undefined;
  /** Whether it can send us messages. */
  readonly ipc?: boolean;
}

/** How a process is kept running. */
export interface KeptProcessOptions<Ready> {
  /** Its name for people. */
  readonly name: string;
  readonly logFile: string;
  /** Where it is recorded for a start that comes after us: a file that only we can write. */
  readonly record: string;
  /** Prepares what it needs, at each start. Nothing of an earlier start runs any more. */
  readonly prepare: () => Command | Promise<Command>;
  /** Resolves when it can be used, to what its users need. Given up when the signal says so. */
  readonly ready: (child: ChildProcess, signal: AbortSignal) => Promise<Ready>;
  /** Milliseconds after which a start that is not ready is given up. */
  readonly startTimeoutMs: number;
  /** What a line of its log looks like that says why it could not start; see {@link LogTail.lastReason}. */
  readonly reason?: RegExp;
  /** Asks it to end in order. */
  readonly stopSignal: NodeJS.Signals;
  /** Whether it is started again when it ends. */
  readonly restart: boolean;
  /** Exit statuses after which it is not, and why. */
  readonly final?: Readonly<Record<number, string>>;
  /** Receives the lines that are meant for a person. */
  readonly say: (line: string) => void;
}

const STOP_WITHIN_MS = 10_000;

/**
 * A process of ours: started, used when it is ready, started again with growing waits when it ends by itself, stopped.
 *
 *   start ──► prepare ──► spawn ──► ready ──► runs ──► stop
 *               ▲           └── given up ─┐     │
 *               └────────── wait ◄────────┴─────┘ ended
 */
export class KeptProcess<Ready> {
  private child: ChildProcess | undefined;
  private announced: { readonly value: Ready } | undefined;
  private wanted = false;
  private timer: NodeJS.Timeout | undefined;
  private starting: Promise<unknown> = Promise.resolve();
  private readonly backOff = new BackOff(FIRST_WAIT_MS, LAST_WAIT_MS);

  constructor(private readonly options: KeptProcessOptions<Ready>) {}

  /** Whether it was ready once. */
  get hasStarted(): boolean {
    return this.announced !== undefined;
  }

  /** What it last reported when it was ready. */
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

  /** Starts it and waits until it is ready. What fails to start is dead when this rejects. @throws StartError with the reason from its log and the place of the log */
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

  /** Resolves when the present process has ended, to its exit status; null when a signal ended it. */
  async ended(): Promise<number | null> {
    if (this.child) await ended(this.child);
    return this.child?.exitCode ?? null;
  }

  /** Stops it permanently, including a start in progress: in order, and by force after the time (milliseconds). */
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
    if (await stopRecorded(record, stopSignal)) say(`${name} of an earlier start still ran; it was stopped.`);
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
      await stopChild(child, 'SIGKILL'); // what was given up must not go on beside its successor
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
    if (why !== undefined && this.wanted) return say(`${name} ${why}, so it is not started again. Its log: ${logFile}`);
    this.startAgain(`${name} ended unexpectedly (${child.signalCode ?? `status ${child.exitCode}`})`, ranMs);
  }

  private startAgain(why: string, ranMs: number): void {
    const { name, logFile, restart, say } = this.options;
    if (!this.wanted || !restart) return;
    if (ranMs > STEADY_MS) this.backOff.reset();
    const waitMs = this.backOff.next();
    say(`${why}; it is started again in ${(waitMs / 1000).toFixed(1)} s. Its log: ${logFile}`);
    this.timer = setTimeout(() => {
      this.run().then(
        () => say(`${name} is back.`),
        (error: unknown) => this.startAgain((error as Error).message, 0),
      );
    }, waitMs);
  }
}

/** A start that came to nothing, by what the process did. */
class GivenUp extends Error {}
