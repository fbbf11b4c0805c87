import type { ChildProcess } from 'node:child_process';
import { BackOff } from './back-off.js';
import { ended } from './child.js';

/** Starts in a row before a server is given up: two and a half minutes of them. */
const START_LIMIT = 10;

/** A server that runs as a child process of ours. */
export interface RunningServer {
  /** Connection URL. Secret. */
  readonly url: string;
  readonly process: ChildProcess;
  stop(): Promise<void>;
}

/** How a server is kept running. */
export interface KeptServerOptions {
  /** Its name for people. */
  readonly name: string;
  readonly logFile: string;
  /** Starts it: at this port when one is given, because the services know that one. What fails to start is dead when this rejects. */
  readonly start: (port: number | undefined) => Promise<RunningServer>;
  /** Whether it is started again when it dies. */
  readonly restart: boolean;
  /** Hears what a person should know. */
  readonly say: (line: string) => void;
}

/** A store of ours that is started again, at the same URL, when it dies; services connect to it again by themselves. */
export class KeptServer {
  private readonly backOff = new BackOff(START_LIMIT);
  private stopping = false;
  private timer: NodeJS.Timeout | undefined;
  private starting: Promise<void> | undefined;

  private constructor(
    private readonly options: KeptServerOptions,
    private server: RunningServer,
  ) {
    this.watch();
  }

  /** Starts the server for the first time. @throws what `start` throws */
  static async start(options: KeptServerOptions): Promise<KeptServer> {
    return new KeptServer(options, await options.start(undefined));
  }

  /** Connection URL; the same for as long as it is kept. Secret. */
  get url(): string {
    return this.server.url;
  }

  /** Stops it for good, a start in progress too. */
  async stop(): Promise<void> {
    this.stopping = true;
    clearTimeout(this.timer);
    await this.starting;
    await this.server.stop();
  }

  private watch(): void {
    const child = this.server.process;
    const startedAt = Date.now();
    void ended(child).then(() =>
      this.startAgain(
        `${this.options.name} ended unexpectedly (${child.signalCode ?? `status ${child.exitCode}`})`,
        Date.now() - startedAt,
      ),
    );
  }

  private startAgain(why: string, ranMs: number): void {
    const { name, logFile, restart, say } = this.options;
    if (this.stopping || !restart) return;
    const waitMs = this.backOff.next(ranMs);
    if (waitMs === undefined) {
      say(
        `${why}; it is not started again after ${START_LIMIT} starts in a row. Stop Sluice, fix the cause and start it. Its log: ${logFile}`,
      );
      return;
    }
    say(`${why}; it is started again in ${waitMs / 1000} s. Its log: ${logFile}`);
    this.timer = setTimeout(() => {
      this.starting = this.options.start(Number(new URL(this.server.url).port)).then(
        (server) => {
          this.server = server;
          say(`${name} is back.`);
          this.watch();
        },
        (error: unknown) => this.startAgain(`${name} could not be started (${(error as Error).message})`, 0),
      );
    }, waitMs);
  }
}
