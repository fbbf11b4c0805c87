import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import type { Announcement } from '@sluice/process';
import { BackOff } from './back-off.js';
import { ended, stopChild } from './child.js';
import { StartError } from './home.js';

/** How a service is run. */
export interface ServiceOptions {
  readonly name: string;
  /** Compiled entry file. */
  readonly main: string;
  readonly env: Record<string, string>;
  /** Program of the Node that runs it. */
  readonly node: string;
  /** A command that runs the service, in front of Node: `ip netns exec NAME`. */
  readonly within?: readonly string[] | undefined;
  readonly logFile: string;
  /** Whether it is started again when it dies. */
  readonly restart: boolean;
  /** Milliseconds until a start that says nothing is given up; a minute when nothing is said. */
  readonly startTimeoutMs?: number | undefined;
  /** Hears what a person should know. */
  readonly say: (line: string) => void;
}

const START_TIMEOUT_MS = 60_000;
/** A relay that was deleted exits with this: to start it again changes nothing. */
const DELETED_STATUS = 77;

/** A service as a child process: started, announced, started again with back-off when it dies, stopped. */
export class ServiceProcess {
  private child: ChildProcess | undefined;
  private stopping = false;
  private readonly backOff = new BackOff();
  private timer: NodeJS.Timeout | undefined;
  private announced: Announcement | undefined;

  constructor(private readonly options: ServiceOptions) {}

  /** What the service said when it had started: its ports. */
  get announcement(): Announcement {
    if (!this.announced) throw new Error(`${this.options.name} has not started`);
    return this.announced;
  }

  get pid(): number | undefined {
    return this.child?.pid;
  }

  /** Starts it and waits until it says that it has started. @throws StartError with the place of its log */
  async start(): Promise<Announcement> {
    this.stopping = false;
    const { name, node, main, env, logFile, startTimeoutMs = START_TIMEOUT_MS } = this.options;
    const log = openSync(logFile, 'a', 0o600);
    const [command, ...words] = [...(this.options.within ?? []), node, main];
    const child = spawn(command as string, words, {
      env: { ...inherited(), ...env },
      stdio: ['ignore', log, 'pipe', 'ipc'],
      detached: true,
    });
    closeSync(log); // the child has its own
    this.child = child;
    let said = '';
    child.stderr?.on('data', (chunk: Buffer) => (said = (said + chunk.toString()).slice(-2000)));
    const startedAt = Date.now();
    const announcement = await new Promise<Announcement>((resolve, reject) => {
      const why = () => (said.trim() === '' ? '' : `\n${said.trim()}`);
      const timer = setTimeout(
        () => reject(new StartError(`${name} did not start in time; its log is ${logFile}`)),
        startTimeoutMs,
      );
      child.once('message', (message) => resolve(message as Announcement));
      child.once('close', () => reject(new StartError(`${name} ended while it started; its log is ${logFile}${why()}`))); // all it said is read
      child.once('error', (cause) => reject(new StartError(`${name} could not be started: ${cause.message}`, { cause })));
      child.once('message', () => clearTimeout(timer));
      child.once('exit', () => clearTimeout(timer));
    }).catch(async (error: unknown) => {
      await stopChild(child, 'SIGKILL'); // what was given up must not go on beside its successor
      throw error;
    });
    this.announced = announcement;
    void ended(child).then(() => this.onEnd(child, startedAt));
    return announcement;
  }

  /** Sends a signal to the process: a test's way to kill it. */
  kill(signal: NodeJS.Signals): void {
    this.child?.kill(signal);
  }

  /** Resolves when the present process has ended, to its exit status; null when a signal ended it. */
  async ended(): Promise<number | null> {
    if (this.child) await ended(this.child);
    return this.child?.exitCode ?? null;
  }

  /** Stops it in order; by force after the time (milliseconds). */
  async stop(timeoutMs: number): Promise<void> {
    this.stopping = true;
    clearTimeout(this.timer);
    if (this.child) await stopChild(this.child, 'SIGTERM', timeoutMs);
  }

  private onEnd(child: ChildProcess, startedAt: number): void {
    if (this.stopping || child !== this.child || !this.options.restart) return;
    const { name, say, logFile } = this.options;
    if (child.exitCode === DELETED_STATUS) return say(`${name} was deleted, so it is not started again. Its log: ${logFile}`);
    const waitMs = this.backOff.next(Date.now() - startedAt);
    say(
      `${name} ended unexpectedly (${child.signalCode ?? `status ${child.exitCode}`}); it is started again in ${(waitMs ?? 0) / 1000} s. Its log: ${logFile}`,
    );
    this.timer = setTimeout(
      () =>
        void this.start().then(
          () => say(`${name} is back.`),
          () => this.onEnd(this.child as ChildProcess, Date.now()),
        ),
      waitMs,
    );
  }
}

/** What a service inherits of our environment: nothing that could configure it by accident. */
function inherited(): Record<string, string> {
  const names = [
    'SLUICE_AUDIT_STREAM_BYTES',
    'NODE_COMPILE_CACHE',
    'PATH',
    'HOME',
    'TZ',
    'LANG',
    'NODE_OPTIONS',
    'NODE_EXTRA_CA_CERTS',
    'SLUICE_LOG_LEVEL',
  ];
  return Object.fromEntries(names.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])));
}
