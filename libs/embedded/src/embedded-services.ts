import { mkdirSync, readdirSync } from 'node:fs';
import path from 'node:path';
import type { InstallationOptions } from './installation-options.js';
import { countLiveSessions, waitingLine } from './live-sessions.js';
import { stopRecorded } from './recorded-process.js';
import { ServiceProcess } from './service-process.js';

/** The programs of an installation. */
export type ServiceName = 'registry' | 'audit' | 'health' | 'gateway' | 'relay';

/** The order in which services stop: sessions end while the services that record them still run. */
const STOP_ORDER: Record<ServiceName, number> = { relay: 0, gateway: 0, audit: 1, health: 1, registry: 2 };
/** How long a service may take to stop, besides its drain, in milliseconds. */
const STOP_WITHIN_MS = 15_000;
/** A service without sessions has stopped after this time, in milliseconds. */
const REPORT_AFTER_MS = 500;

/** The services of an installation, each a child process that is recorded in a file, so that a later start finds it. */
export class EmbeddedServices {
  private readonly services = new Map<string, { readonly app: ServiceName; readonly process: ServiceProcess }>();
  private readonly records: string;

  constructor(private readonly options: InstallationOptions) {
    this.records = path.join(options.home, 'services');
  }

  /** A service by its name. */
  find(name: string): ServiceProcess {
    const service = this.services.get(name);
    if (!service) throw new Error(`there is no service ${name}`);
    return service.process;
  }

  /**
   * Creates a service, which the caller starts. Its environment is `env`, then what the options give to every service of its app,
   * then `own`; later values replace earlier ones.
   */
  make(
    name: string,
    app: ServiceName,
    env: Record<string, string>,
    own: Record<string, string> = {},
    within?: readonly string[],
  ): ServiceProcess {
    const { root, home, restart, runtime, say } = this.options;
    const process = new ServiceProcess({
      name,
      node: runtime.file,
      main: path.join(root, 'apps', app, 'bundle', 'main.js'),
      env: { ...env, ...this.options.env?.[app], ...own },
      within,
      logFile: path.join(home, 'logs', `${name}.log`),
      record: path.join(this.records, name),
      restart,
      say,
    });
    this.services.set(name, { app, process });
    return process;
  }

  /** Stops services that an earlier start left running because it was killed: some still wait for their sessions, and use their ports. */
  async stopLeftovers(): Promise<void> {
    mkdirSync(this.records, { recursive: true, mode: 0o700 });
    const leftovers = readdirSync(this.records).map((name) => stopRecorded(path.join(this.records, name), 'SIGTERM'));
    if ((await Promise.all(leftovers)).includes(true))
      this.options.say('Services of an earlier start were still running; they were stopped.');
  }

  /** Stops relays and gateways first, when their sessions have ended or the drain time (seconds) is over, and the registry last. */
  async stop(drainSeconds: number): Promise<void> {
    const report = setTimeout(() => void this.reportSessions(drainSeconds), REPORT_AFTER_MS);
    await Promise.all(this.inOrder(0).map((service) => service.stop(drainSeconds * 1000 + STOP_WITHIN_MS)));
    clearTimeout(report);
    for (const order of [1, 2]) await Promise.all(this.inOrder(order).map((service) => service.stop(STOP_WITHIN_MS)));
  }

  /**
   * Ends the sessions that a stop still waits for: first relays, which record the end of theirs, and then gateways. A gateway that
   * closed its links earlier would make the relays record that they were lost.
   */
  async hurry(): Promise<void> {
    const relays = this.running('relay');
    for (const relay of relays) relay.kill('SIGTERM');
    await Promise.all(relays.map((relay) => relay.ended()));
    for (const gateway of this.running('gateway')) gateway.kill('SIGTERM');
  }

  private async reportSessions(drainSeconds: number): Promise<void> {
    const sessions = await countLiveSessions(this.inOrder(0).flatMap(({ operationsPort }) => operationsPort ?? []));
    if (sessions > 0) this.options.say(waitingLine(sessions, drainSeconds));
  }

  private running(name: ServiceName): ServiceProcess[] {
    return [...this.services.values()].flatMap(({ app, process }) => (app === name ? [process] : []));
  }

  private inOrder(order: number): ServiceProcess[] {
    return [...this.services.values()].flatMap(({ app, process }) => (STOP_ORDER[app] === order ? [process] : []));
  }
}
