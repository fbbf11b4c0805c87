// The Secrets of the namespace that this pod runs in, by the API of Kubernetes and the token of the pod's service account.
import { readFileSync } from 'node:fs';
import { request } from 'node:https';
import path from 'node:path';

const ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';

/** Reads and writes Secrets as the account whose token, authority and namespace are in `folder`. */
export function kubernetesSecrets({ host, port, folder = ACCOUNT } = atOwnCluster()) {
  const file = (name) => readFileSync(path.join(folder, name), 'utf8').trim();
  const collection = `/api/v1/namespaces/${file('namespace')}/secrets`;
  const ca = file('ca.crt');

  const call = async (method, at, body, ...others) => {
    const { status, text } = await send({ host, port, ca, method, path: at, token: file('token') }, body);
    if (status === 200 || status === 201) return JSON.parse(text);
    if (others.includes(status)) return undefined;
    throw new Error(`Kubernetes refuses ${method} ${at}: ${status} ${text.slice(0, 500)}`);
  };
  const document = (name, files, version) => ({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, ...(version === undefined ? {} : { resourceVersion: version }) },
    type: 'Opaque',
    data: Object.fromEntries(Object.entries(files).map(([key, text]) => [key, Buffer.from(text).toString('base64')])),
  });

  return {
    /** The files of a Secret, and its version; undefined if there is none. */
    async read(name) {
      const found = await call('GET', `${collection}/${name}`, undefined, 404);
      if (found === undefined) return undefined;
      const files = Object.entries(found.data ?? {}).map(([key, text]) => [key, Buffer.from(text, 'base64').toString()]);
      return { files: Object.fromEntries(files), version: found.metadata.resourceVersion };
    },
    /** Creates a Secret. @returns false if there is one of this name already */
    create: async (name, files) => (await call('POST', collection, document(name, files), 409)) !== undefined,
    /** Replaces a Secret that has not changed since it was read. */
    replace: (name, files, version) => call('PUT', `${collection}/${name}`, document(name, files, version)),
  };
}

const atOwnCluster = () => ({ host: process.env.KUBERNETES_SERVICE_HOST, port: process.env.KUBERNETES_SERVICE_PORT });

function send({ token, ...to }, body) {
  const headers = { authorization: `Bearer ${token}`, accept: 'application/json', 'content-type': 'application/json' };
  return new Promise((resolve, reject) => {
    const sent = request({ ...to, headers, timeout: 30_000 }, (response) => {
      const pieces = [];
      response.on('data', (piece) => pieces.push(piece)).on('error', reject);
      response.on('end', () => resolve({ status: response.statusCode, text: Buffer.concat(pieces).toString() }));
    });
    sent.on('timeout', () => sent.destroy(new Error('the API of Kubernetes does not respond'))).on('error', reject);
    sent.end(body === undefined ? undefined : JSON.stringify(body));
  });
}
