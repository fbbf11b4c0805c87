import { createLog, type Log } from './log.js';
import { readLogLevel } from './log-level.js';
import { type Readiness, serveOperations } from './operations-server.js';
import { Profiler } from './profiler.js';
import { ConfigError } from './read-environment.js';
import { errorMessage } from './error-message.js';
import { readProfileSettings } from './profile-settings.js';
import { startTraces, type Traces } from './traces/start-traces.js';
import { readTraceSettings } from './traces/trace-settings.js';

/** A service that has started. */
export interface RunningService {
  /** Whether it can do its work now. */
  ready(): Readiness | Promise<Readiness>;
  /** Stops it in an orderly way, including a drain. */
  stop(): Promise<void>;
  /** Ends what a stop in progress still waits for, because a second signal arrived. */
  hurry?(): void;
  /** How long a stop may take, in milliseconds, before the process exits anyway; 20 s unless a drain needs longer. */
  readonly stopWithinMs?: number;
  /** Data such as ports, announced to the parent process. */
  readonly announce?: Record<string, unknown>;
}

/** What the parent process receives over IPC when the service has started. */
export interface Announcement {
  readonly service: string;
  readonly operationsPort: number;
  readonly [key: string]: unknown;
}

/** A signal that follows the first one within this time is considered the same, received in another way: from the terminal, npm, a supervisor. In milliseconds. */
const SAME_SIGNAL_MS = 500;

/** How long a service without a drain may take to stop, in milliseconds. */
export const STOP_WITHIN_MS = 20_000;

/**
 * What every main.ts does: start, with traces if the environment asks for them, serve `/livez /readyz /metrics`, announce the start to the parent process, and stop on SIGTERM, SIGINT
 * or when the parent process is gone. SIGUSR2 writes a profile. A second signal ends what the stop waits for; a stop that takes too long exits with 1. An invalid configuration is reported with all its problems, with exit status 2.
 */
export async function runService<C extends { readonly operations: { host: string; port: number } }>(
  name: string,
  Config: new (env: NodeJS.ProcessEnv) => C,
  start: (config: C, log: Log) => Promise<RunningService>,
): Promise<void> {
  const log = openLog(name);
  process.stderr.on('error', () => undefined); // so that a full disk does not end the service
  let service: RunningService | undefined;
  let traces: Traces | undefined;
  let stopping = false;
  let stoppingSince = 0;
  const stop = async (why: string, status: number) => {
    if (stopping) return;
    stopping = true;
    stoppingSince = performance.now();
    log.info({ why }, 'stopping');
    const withinMs = service?.stopWithinMs ?? STOP_WITHIN_MS;
    setTimeout(() => {
      log.error({ withinMs }, 'could not stop in time: the process exits although its stop is incomplete');
      process.exit(1);
    }, withinMs);
    await service?.stop().catch((error: unknown) => log.error({ err: error }, 'the stop failed'));
    await traces?.stop();
    log.info('stopped');
    process.exit(status);
  };
  const onSignal = (signal: NodeJS.Signals) => {
    if (!stopping) return void stop(signal, 0);
    if (performance.now() - stoppingSince > SAME_SIGNAL_MS) service?.hurry?.();
  };
  process.on('SIGTERM', onSignal).on('SIGINT', onSignal);
  const profiler = openProfiler(name, log);
  process.on('SIGUSR2', () => void profiler.take()); // without a listener, the signal would end the process
  process.on('disconnect', () => void stop('the parent process is gone', 0));
  process.on('uncaughtException', (error) => {
    log.fatal({ err: error }, 'uncaught');
    void stop('a fault', 1);
  });
  try {
    const config = new Config(process.env);
    traces = await startTraces(readTraceSettings(name, process.env), log);
    service = await start(config, log);
    const running = service;
    const { port } = await serveOperations(config.operations, name, () =>
      stopping ? { problems: ['stopping'], degraded: [] } : running.ready(),
    );
    const announced = { ...service.announce, operationsPort: port };
    const announcement: Announcement = { ...announced, service: name };
    log.info(announced, 'started'); // every line has the service
    process.send?.(announcement);
  } catch (error) {
    reportStartFailure(log, name, error);
    process.exit(error instanceof ConfigError ? 2 : 1);
  }
}

/** Prepares profiles as the environment says. If that is invalid, the process reports it and exits with 2. */
function openProfiler(name: string, log: Log): Profiler {
  try {
    return new Profiler(name, readProfileSettings(process.env), log);
  } catch (error) {
    reportStartFailure(log, name, error);
    process.exit(2);
  }
}

/** Creates the log with the level in the environment. If that is invalid, the process reports it and exits with 2. */
function openLog(name: string): Log {
  try {
    return createLog(name, readLogLevel(process.env));
  } catch (error) {
    reportStartFailure(createLog(name), name, error);
    process.exit(2);
  }
}

/** Reports in a sentence why a service did not start. The stack trace helps only developers: it is logged at the level debug. */
function reportStartFailure(log: Log, name: string, error: unknown): void {
  const why = errorMessage(error);
  process.stderr.write(`${name}: ${why}\n`);
  log.fatal({ why }, 'could not start');
  log.debug({ err: error }, 'could not start');
}
