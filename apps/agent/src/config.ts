import { homedir } from 'node:os';
import path from 'node:path';
import { configuration, logLevel, readTraceSettings, type TraceSettings } from '@sluice/process';
import { z } from 'zod';

/** Longest folder whose control socket still has a path that Linux allows for a unix socket. */
const SOCKET_PATH_LIMIT = 90;

const settings = {
  ownHome: ['SLUICE_CONFIG_HOME', z.string().optional()],
  ownConfigurations: ['XDG_CONFIG_HOME', z.string().optional()],
  /** The Node program that the agent is to run on; undefined for the best one that is installed. */
  node: ['SLUICE_NODE', z.string().optional()],
  /** File with certificate authorities that Node trusts in addition to its own. */
  extraCertificates: ['NODE_EXTRA_CA_CERTS', z.string().optional()],
  logLevel: ['SLUICE_LOG_LEVEL', logLevel],
  /** Whether the agent traces. The variables of OpenTelemetry alone do not switch it on, as they are often set for a person's other programs. */
  tracing: ['SLUICE_TRACES', z.enum(['on', 'off'], { error: 'is on or off' }).default('off')],
} as const;

interface Given {
  readonly ownHome: string | undefined;
  readonly ownConfigurations: string | undefined;
}

const configurationsOf = ({ ownConfigurations }: Given) => ownConfigurations ?? path.join(homedir(), '.config');
const homeOf = (given: Given) => path.resolve(given.ownHome ?? path.join(configurationsOf(given), 'sluice'));

/** Where the agent stores what belongs to this operating-system user: login, list of connected servers, control socket, log. */
export class AgentConfig extends configuration(settings, [
  {
    variable: 'SLUICE_CONFIG_HOME',
    message: `the agent's folder has a path of more than ${SOCKET_PATH_LIMIT} characters, too long for a control socket: set this to a shorter one`,
    holds: (given) => homeOf(given).length <= SOCKET_PATH_LIMIT,
  },
]) {
  readonly home = homeOf(this);
  /** The environment variable that `home` was taken from, for error messages. */
  readonly homeFrom = this.ownHome ? 'SLUICE_CONFIG_HOME' : this.ownConfigurations ? 'XDG_CONFIG_HOME' : 'HOME';
  readonly loginFile = path.join(this.home, 'login.json');
  readonly connectedFile = path.join(this.home, 'connected.json');
  readonly certificateFile = path.join(this.home, 'certificate.json');
  readonly feedFile = path.join(this.home, 'feed.json');
  readonly withdrawnFile = path.join(this.home, 'withdrawn.json');
  readonly controlSocket = path.join(this.home, 'agent.sock');
  readonly logFile = path.join(this.home, 'agent.log');
  /** How the agent traces; undefined if it does not. @throws ConfigError */
  readonly traces: () => TraceSettings | undefined;
  /** Where systemd looks for this user's own units. */
  readonly userUnits = path.resolve(configurationsOf(this), 'systemd', 'user');

  constructor(env: NodeJS.ProcessEnv) {
    super(env);
    this.traces = () => (this.tracing === 'on' ? readTraceSettings('agent', env) : undefined);
  }
}
