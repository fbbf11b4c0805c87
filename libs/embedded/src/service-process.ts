import type { ChildProcess } from 'node:child_process';
import type { Announcement } from '@sluice/process';
import { SupervisedProcess } from './supervised-process.js';

/** How a service is run. */
export interface ServiceOptions {
  readonly name: string;
  /** Compiled entry file. */
  readonly main: string;
  readonly env: Record<string, string>;
  /** Path of the Node that runs it. */
  readonly node: string;
  /** A command that runs the service, in front of Node: `ip netns exec NAME`. */
  readonly within?: readonly string[] | undefined;
  readonly logFile: string;
  /** Where it is recorded for a later start. */
  readonly record: string;
  /** Whether it is restarted when it ends. */
  readonly restart: boolean;
  /** Receives messages for the user. */
  readonly say: (line: string) => void;
}

const START_TIMEOUT_MS = 60_000;
/** The exit status of a relay that was deleted, or has a certificate of a retired authority: a restart would not help. */
const DELETED_STATUS = 77;

/** A service as a child process, ready when it has announced itself: its ports. */
export class ServiceProcess extends SupervisedProcess<Announcement> {
  constructor({ within, node, main, env, ...options }: ServiceOptions) {
    const [file = node, ...args] = [...(within ?? []), node, main];
    super({
      ...options,
      prepare: () => ({ file, args, env: { ...inherited(), ...env }, ipc: true }),
      ready: announced,
      startTimeoutMs: START_TIMEOUT_MS,
      stopSignal: 'SIGTERM',
      final: { [DELETED_STATUS]: 'is not accepted any more' },
    });
  }

  /** Port of `/livez`, `/readyz` and `/metrics`; undefined before it has started. */
  get operationsPort(): number | undefined {
    return this.hasStarted ? this.value.operationsPort : undefined;
  }

  /** What the service announced after its start: its ports. */
  get announcement(): Announcement {
    return this.value;
  }
}

const announced = (child: ChildProcess): Promise<Announcement> =>
  new Promise((resolve) => child.once('message', (message) => resolve(message as Announcement)));

/** What a service inherits of the environment: nothing that could configure it by accident. */
function inherited(): Record<string, string> {
  const names = [
    'SLUICE_AUDIT_STREAM_BYTES',
    'SLUICE_AUDIT_OCSF_BYTES',
    'NODE_COMPILE_CACHE',
    'PATH',
    'HOME',
    'TZ',
    'LANG',
    'NODE_OPTIONS',
    'NODE_EXTRA_CA_CERTS',
    'SLUICE_LOG_LEVEL',
    'SLUICE_PROFILE_SECONDS',
    'SLUICE_TRACES_PER_SECOND',
  ];
  // the variables of traces; a name would be that of all services
  names.push(...Object.keys(process.env).filter((name) => name.startsWith('OTEL_') && name !== 'OTEL_SERVICE_NAME'));
  return Object.fromEntries(names.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])));
}
