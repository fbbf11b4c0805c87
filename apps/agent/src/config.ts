import { homedir } from 'node:os';
import path from 'node:path';
import { readEnvironment } from '@sluice/process';
import { z } from 'zod';

const Environment = z.object({
  SLUICE_CONFIG_HOME: z.string().optional(),
  XDG_CONFIG_HOME: z.string().optional(),
  SLUICE_NODE: z.string().optional(),
  NODE_EXTRA_CA_CERTS: z.string().optional(),
});

/** Longest path of a unix socket on Linux, less the name of ours. */
const SOCKET_PATH_LIMIT = 90;

/** Where the agent keeps what belongs to this operating-system user: login, list of connected servers, control socket, log. */
export class AgentConfig {
  readonly home: string;
  /** The variable that says where that is. */
  readonly homeFrom: string;
  readonly loginFile: string;
  readonly connectedFile: string;
  readonly certificateFile: string;
  readonly feedFile: string;
  readonly withdrawnFile: string;
  readonly controlSocket: string;
  readonly logFile: string;
  /** Program of the Node that the agent is to run on; undefined: the best there is. */
  readonly node: string | undefined;
  /** Where systemd looks for units of this user's own. */
  readonly userUnits: string;
  /** File with authorities that Node believes besides its own. */
  readonly extraCertificates: string | undefined;

  constructor(env: NodeJS.ProcessEnv) {
    const given = readEnvironment(Environment, env);
    const configurations = given.XDG_CONFIG_HOME ?? path.join(homedir(), '.config');
    this.home = path.resolve(given.SLUICE_CONFIG_HOME ?? path.join(configurations, 'sluice'));
    this.homeFrom = given.SLUICE_CONFIG_HOME ? 'SLUICE_CONFIG_HOME' : given.XDG_CONFIG_HOME ? 'XDG_CONFIG_HOME' : 'HOME';
    this.userUnits = path.resolve(configurations, 'systemd', 'user');
    this.extraCertificates = given.NODE_EXTRA_CA_CERTS;
    if (this.home.length > SOCKET_PATH_LIMIT)
      throw new Error(`the path ${this.home} is too long for a control socket: set SLUICE_CONFIG_HOME to a shorter one`);
    this.loginFile = path.join(this.home, 'login.json');
    this.connectedFile = path.join(this.home, 'connected.json');
    this.certificateFile = path.join(this.home, 'certificate.json');
    this.feedFile = path.join(this.home, 'feed.json');
    this.withdrawnFile = path.join(this.home, 'withdrawn.json');
    this.controlSocket = path.join(this.home, 'agent.sock');
    this.node = given.SLUICE_NODE;
    this.logFile = path.join(this.home, 'agent.log');
  }
}
