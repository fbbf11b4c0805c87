// What the set-up does by the API of an installation that runs.
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { ApiError, collect, createSluiceClient, tokenOf, unwrap } from '@sluice/sdk';

const RETRY_MS = 2000;
const RESPONDS_WITHIN_MS = 10 * 60_000;
const CONNECTS_WITHIN_MS = 10_000;

/**
 * Signs in as an administrator, once the API responds. @returns `createKey(cluster)`, which adds a cluster that does not exist, and `end`
 * @throws Error if the password is no longer that of the installation
 */
export async function clusterKeys(server, email, password) {
  const token = tokenOf(await logIn(server, email, password));
  const api = createSluiceClient({ server, token });
  const known = async (name) =>
    name === 'default' ||
    (await collect((cursor) => unwrap(api.GET('/api/v1/clusters', { params: { query: { name, ...(cursor && { cursor }) } } }))))
      .length > 0;
  return {
    async createKey(cluster) {
      if (!(await known(cluster))) await unwrap(api.POST('/api/v1/clusters', { body: { name: cluster } }));
      return (await unwrap(api.POST('/api/v1/cluster-keys', { body: { proxyCluster: cluster } }))).key;
    },
    end: () => unwrap(api.DELETE('/api/v1/logins/current')),
  };
}

async function logIn(server, email, password) {
  const api = createSluiceClient({ server });
  const deadline = Date.now() + RESPONDS_WITHIN_MS;
  for (;;) {
    try {
      return await unwrap(api.POST('/api/v1/logins', { body: { email, password } }));
    } catch (error) {
      const away = !(error instanceof ApiError) || error.status === 0 || error.status >= 500 || error.status === 429;
      if (!away)
        throw new Error(
          `${email} cannot sign in with the installation's first password: ${error.message}. ` +
            'Create the key yourself (`sluice admin cluster-keys create CLUSTER`), and give its Secret to the relays (relays[].keySecret)',
          { cause: error },
        );
      if (Date.now() > deadline) throw error;
      await sleep(RETRY_MS);
    }
  }
}

/** Reports whether the API is ready and every tunnel port accepts connections. @throws Error naming the first that does not */
export async function reachable(server, tunnels) {
  const answer = await fetch(new URL('/readyz', server)).catch((error) => {
    throw new Error(`the API at ${server} does not respond: ${error.cause?.message ?? error.message}`, { cause: error });
  });
  if (!answer.ok) throw new Error(`the API at ${server} is not ready: ${await answer.text()}`);
  console.log(`${server} is ready`);
  for (const tunnel of tunnels) {
    await accepts(tunnel);
    console.log(`${tunnel} accepts connections`);
  }
}

function accepts(address) {
  const [host, port] = address.split(/:(?=\d+$)/);
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port: Number(port), timeout: CONNECTS_WITHIN_MS });
    socket.once('connect', () => resolve(socket.destroy()));
    socket.once('error', (error) =>
      reject(new Error(`the tunnel port ${address} cannot be reached: ${error.message || error.code}`)),
    );
    socket.once('timeout', () => socket.destroy(new Error('no answer in time')));
  });
}
