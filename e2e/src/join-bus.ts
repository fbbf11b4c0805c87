import { readFileSync } from 'node:fs';
import path from 'node:path';
import { type Authenticator, connect, credsAuthenticator, jwtAuthenticator, type NatsConnection } from '@nats-io/transport-node';
import { type BusService, inboxPrefix } from '@sluice/contracts';

/** A connection to an installation's bus with somebody's own credentials. */
export interface BusUser {
  readonly name: string;
  readonly connection: NatsConnection;
  readonly errors: string[];
}

/** Joins the bus of an installation as one of its users, with the credentials that lie in its home. The relay's name is its id. */
export async function joinBus(home: string, who: BusService | 'relay' | 'siem'): Promise<BusUser> {
  const identity = JSON.parse(readFileSync(path.join(home, 'relays', 'relay', 'identity.json'), 'utf8')) as {
    natsSeed: string;
    credentials: { nodeId: string; nats: { jwt: string; servers: string[]; ca: string } };
  };
  const { nodeId, nats } = identity.credentials;
  const name = who === 'relay' ? nodeId : who;
  const errors: string[] = [];
  const connection = await connect({
    servers: nats.servers,
    tls: { ca: nats.ca },
    inboxPrefix: inboxPrefix(name),
    authenticator: authenticator(),
  });
  void (async () => {
    for await (const status of connection.status()) if (status.type === 'error') errors.push(status.error.message);
  })();
  return { name, connection, errors };

  function authenticator(): Authenticator {
    if (who === 'relay') return jwtAuthenticator(nats.jwt, Buffer.from(identity.natsSeed));
    const secrets = path.join(home, 'secrets');
    if (who === 'siem') return credsAuthenticator(readFileSync(path.join(secrets, 'siem.creds')));
    const { jwt, seed } = JSON.parse(readFileSync(path.join(secrets, `bus-${who}.json`), 'utf8')) as {
      jwt: string;
      seed: string;
    };
    return jwtAuthenticator(jwt, Buffer.from(seed));
  }
}
