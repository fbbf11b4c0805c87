import { createLog, type Log } from './log.js';
import { type Readiness, serveOperations } from './operations-server.js';
import { ConfigError } from './read-environment.js';

/** A service that has started. */
export interface RunningService {
  /** Whether it can do its work now. */
  ready(): Readiness | Promise<Readiness>;
  /** Ends it in order; what must be finished first (a drain) is finished here. */
  stop(): Promise<void>;
  /** How long that may take, in milliseconds, before the process ends all the same; 20 s unless a drain needs longer. */
  readonly stopWithinMs?: number;
  /** Ports and the like, told to the parent process. */
  readonly announce?: Record<string, unknown>;
}

/** What the parent hears over IPC once a service runs. */
export interface Announcement {
  readonly service: string;
  readonly operationsPort: number;
  readonly [key: string]: unknown;
}

/** How long a service without a drain may take to stop, in milliseconds. */
export const STOP_WITHIN_MS = 20_000;

/**
 * What every main.ts does: start, serve `/livez /readyz /metrics`, tell the parent, and stop in order on SIGTERM, SIGINT
 * or when the parent is gone; a stop that takes too long, because what it waits for is gone, ends with 1. A configuration that cannot be used ends the process with 2 and all its problems in words.
 */
export async function runService<C extends { readonly operations: { host: string; port: number } }>(
  name: string,
  Config: new (env: NodeJS.ProcessEnv) => C,
  start: (config: C, log: Log) => Promise<RunningService>,
): Promise<void> {
  const log = createLog(name);
  process.stderr.on('error', () => undefined); // a full disk behind it ends no service
  let service: RunningService | undefined;
  let stopping = false;
  const stop = async (why: string, status: number) => {
    if (stopping) return;
    stopping = true;
    log.info({ why }, 'stopping');
    const withinMs = service?.stopWithinMs ?? STOP_WITHIN_MS;
    setTimeout(() => {
      log.error({ withinMs }, 'could not stop in time: the process ends with work undone');
      process.exit(1);
    }, withinMs);
    await service?.stop().catch((error: unknown) => log.error({ err: error }, 'could not stop in order'));
    log.info('stopped');
    process.exit(status);
  };
  process.on('SIGTERM', () => void stop('SIGTERM', 0));
  process.on('SIGINT', () => void stop('SIGINT', 0));
  process.on('disconnect', () => void stop('the parent process is gone', 0));
  process.on('uncaughtException', (error) => {
    log.fatal({ err: error }, 'uncaught');
    void stop('a fault', 1);
  });
  try {
    const config = new Config(process.env);
    service = await start(config, log);
    const running = service;
    const { port } = await serveOperations(config.operations, () =>
      stopping ? { problems: ['stopping'], degraded: [] } : running.ready(),
    );
    const announcement: Announcement = { ...service.announce, service: name, operationsPort: port };
    log.info(announcement, 'started');
    process.send?.(announcement);
  } catch (error) {
    reportStartFailure(log, name, error);
    process.exit(error instanceof ConfigError ? 2 : 1);
  }
}

function reportStartFailure(log: Log, name: string, error: unknown): void {
  if (!(error instanceof ConfigError)) return log.fatal({ err: error }, 'could not start');
  process.stderr.write(`${name}: ${error.message}\n`);
  log.fatal({ why: error.message }, 'could not start'); // where in the code it was found helps nobody
}
