import { existsSync } from 'node:fs';
import path from 'node:path';

/** The first administrator of an embedded installation. */
export const FIRST_ADMIN_EMAIL = 'admin@sluice.local';
/** Every address: the embedded relay may dial whatever this machine can reach, including its loopback. */
const EVERYWHERE = '0.0.0.0/0,::/0';

/** What the environments of an installation's services are derived from. */
export interface EnvironmentInput {
  /** The checkout, compiled. */
  readonly root: string;
  readonly home: string;
  readonly secrets: string;
  readonly httpPort: number;
  readonly tunnelPort: number;
  readonly drainSeconds: number;
  readonly natsUrl: string;
  readonly egress?: EgressLists | undefined;
}

/** Where embedded relays may dial: lists of address blocks, as in the relay's own configuration. */
export interface EgressLists {
  /** Everywhere unless it is given. */
  readonly allow?: string | undefined;
  readonly deny?: string | undefined;
}

/** The file with the password of the first administrator. */
export const adminPasswordFile = (home: string): string => path.join(home, 'admin-password');

/** The environment that a service needs to join the bus. */
export const busEnvironment = ({ natsUrl, secrets, home }: EnvironmentInput, service: string): Record<string, string> => ({
  ...profileEnvironment(home),
  NATS_URL: natsUrl,
  SLUICE_BUS_CREDENTIALS_FILE: path.join(secrets, `bus-${service}.json`),
});

export const registryEnvironment = (at: EnvironmentInput, databaseUrl: string): Record<string, string> => ({
  ...busEnvironment(at, 'registry'),
  DATABASE_URL: databaseUrl,
  SLUICE_BUS_RELAYS_SEED_FILE: path.join(at.secrets, 'bus-relays-seed'),
  SLUICE_BUS_READERS_FILE: path.join(at.secrets, 'bus-readers.json'),
  SLUICE_CA_SEAL_KEY_FILE: path.join(at.secrets, 'ca-seal-key'),
  SLUICE_PUBLIC_URL: `http://127.0.0.1:${at.httpPort}`,
  SLUICE_FIRST_ADMIN_EMAIL: FIRST_ADMIN_EMAIL,
  SLUICE_FIRST_ADMIN_PASSWORD_FILE: adminPasswordFile(at.home),
  SLUICE_FIRST_NODE_TOKEN_FILE: firstNodeToken(at),
});

/** The environment of another gateway, which still needs a name and addresses. */
export const gatewayEnvironment = (at: EnvironmentInput): Record<string, string> => ({
  ...busEnvironment(at, 'gateway'),
  SLUICE_AGENT_PACKAGE: path.join(at.root, 'apps', 'agent', 'packed'),
  SLUICE_CONSOLE: path.join(at.root, 'apps', 'console', 'dist'),
});

export const firstGatewayEnvironment = (at: EnvironmentInput): Record<string, string> => ({
  ...gatewayEnvironment(at),
  SLUICE_HTTP_ADDRESS: `127.0.0.1:${at.httpPort}`,
  SLUICE_TUNNEL_ADDRESS: `127.0.0.1:${at.tunnelPort}`,
  SLUICE_GATEWAY_NAME: 'gateway-1',
  SLUICE_DRAIN_SECONDS: String(at.drainSeconds),
});

/** The environment of a relay. It enrols with the token of the first one unless it has an identity already. */
export function relayEnvironment(at: EnvironmentInput, name: string): Record<string, string> {
  const relayHome = path.join(at.home, 'relays', name);
  const { allow = EVERYWHERE, deny } = at.egress ?? {};
  return {
    ...profileEnvironment(at.home),
    SLUICE_RELAY_HOME: relayHome,
    SLUICE_JOURNAL: 'persistent',
    SLUICE_EGRESS_ALLOW: allow,
    ...(deny === undefined ? {} : { SLUICE_EGRESS_DENY: deny }),
    SLUICE_DRAIN_SECONDS: String(at.drainSeconds),
    ...(existsSync(path.join(relayHome, 'identity.json')) ? {} : { SLUICE_ENROLMENT_TOKEN_FILE: firstNodeToken(at) }),
  };
}

/** Where a service writes profiles of itself. */
const profileEnvironment = (home: string) => ({ SLUICE_PROFILE_FOLDER: path.join(home, 'profiles') });

const firstNodeToken = ({ secrets }: EnvironmentInput): string => path.join(secrets, 'first-node-token');
