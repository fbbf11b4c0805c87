import { homedir } from 'node:os';
import path from 'node:path';
import { configuration } from '@sluice/process';
import { z } from 'zod';

/** Longest path of a unix socket on Linux, less the name of ours. */
const SOCKET_PATH_LIMIT = 90;

const settings = {
  ownHome: ['SLUICE_CONFIG_HOME', z.string().optional()],
  ownConfigurations: ['XDG_CONFIG_HOME', z.string().optional()],
  /** Program of the Node that the agent is to run on; undefined: the best there is. */
  node: ['SLUICE_NODE', z.string().optional()],
  /** File with authorities that Node believes besides its own. */
  extraCertificates: ['NODE_EXTRA_CA_CERTS', z.string().optional()],
} as const;

interface Given {
  readonly ownHome: string | undefined;
  readonly ownConfigurations: string | undefined;
}

const configurationsOf = ({ ownConfigurations }: Given) => ownConfigurations ?? path.join(homedir(), '.config');
const homeOf = (given: Given) => path.resolve(given.ownHome ?? path.join(configurationsOf(given), 'sluice'));

/** Where the agent keeps what belongs to this operating-system user: login, list of connected servers, control socket, log. */
export class AgentConfig extends configuration(settings, [
  {
    variable: 'SLUICE_CONFIG_HOME',
    message: `the agent's folder has a path of more than ${SOCKET_PATH_LIMIT} characters, too long for a control socket: set this to a shorter one`,
    holds: (given) => homeOf(given).length <= SOCKET_PATH_LIMIT,
  },
]) {
  readonly home = homeOf(this);
  /** The variable that says where that is. */
  readonly homeFrom = this.ownHome ? 'SLUICE_CONFIG_HOME' : this.ownConfigurations ? 'XDG_CONFIG_HOME' : 'HOME';
  readonly loginFile = path.join(this.home, 'login.json');
  readonly connectedFile = path.join(this.home, 'connected.json');
  readonly certificateFile = path.join(this.home, 'certificate.json');
  readonly feedFile = path.join(this.home, 'feed.json');
  readonly withdrawnFile = path.join(this.home, 'withdrawn.json');
  readonly controlSocket = path.join(this.home, 'agent.sock');
  readonly logFile = path.join(this.home, 'agent.log');
  /** Where systemd looks for units of this user's own. */
  readonly userUnits = path.resolve(configurationsOf(this), 'systemd', 'user');
}
