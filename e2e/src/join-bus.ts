import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { type Authenticator, connect, credsAuthenticator, jwtAuthenticator, type NatsConnection } from '@nats-io/transport-node';
import { type BusService, inboxPrefix, relayPermissions } from '@sluice/contracts';
import { makeBusUser } from '@sluice/identity/bus-authority';

/** A connection to an installation's bus with somebody's own credentials. */
export interface BusUser {
  readonly name: string;
  readonly connection: NatsConnection;
  readonly errors: string[];
}

/** Joins the bus of an installation as a relay that is nowhere else: what it says is said of nobody who is really there. */
export async function joinAsNewRelay(home: string): Promise<BusUser> {
  const name = randomUUID();
  const seed = readFileSync(path.join(home, 'secrets', 'bus-relays-seed'), 'utf8').trim();
  const user = await makeBusUser(seed, name, relayPermissions(name, 'default'));
  const { nats } = identityIn(home).credentials;
  return join(name, nats, jwtAuthenticator(user.jwt, Buffer.from(user.seed)));
}

/** Joins the bus of an installation as one of its users, with the credentials that lie in its home. The relay's name is its id. */
export async function joinBus(home: string, who: BusService | 'relay' | 'siem'): Promise<BusUser> {
  const { natsSeed, credentials } = identityIn(home);
  const { nodeId, nats } = credentials;
  return join(who === 'relay' ? nodeId : who, nats, authenticator());

  function authenticator(): Authenticator {
    if (who === 'relay') return jwtAuthenticator(nats.jwt, Buffer.from(natsSeed));
    const secrets = path.join(home, 'secrets');
    if (who === 'siem') return credsAuthenticator(readFileSync(path.join(secrets, 'siem.creds')));
    const { jwt, seed } = JSON.parse(readFileSync(path.join(secrets, `bus-${who}.json`), 'utf8')) as {
      jwt: string;
      seed: string;
    };
    return jwtAuthenticator(jwt, Buffer.from(seed));
  }
}

interface Nats {
  readonly jwt: string;
  readonly servers: string[];
  readonly ca: string;
}

const identityIn = (home: string) =>
  JSON.parse(readFileSync(path.join(home, 'relays', 'relay', 'identity.json'), 'utf8')) as {
    natsSeed: string;
    credentials: { nodeId: string; nats: Nats };
  };

async function join(name: string, nats: Nats, authenticator: Authenticator): Promise<BusUser> {
  const errors: string[] = [];
  const connection = await connect({
    servers: nats.servers,
    tls: { ca: nats.ca },
    inboxPrefix: inboxPrefix(name),
    authenticator,
  });
  void (async () => {
    for await (const status of connection.status()) if (status.type === 'error') errors.push(status.error.message);
  })();
  return { name, connection, errors };
}
