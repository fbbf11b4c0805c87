import { execFileSync, spawn } from 'node:child_process';
import { createPublicKey, generateKeyPairSync, sign, verify } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { answerOk } from '../preamble/answer-preamble.js';
import type { Credentials, VerifyPeer } from '../preamble/credentials.js';
import { dialPreamble, readAnswer } from '../preamble/dial-preamble.js';
import { TunnelListener } from './tunnel-listener.js';

const ieee = 'ieee-p1363';

/** A key pair whose public key stands in for a certificate. */
function credentials(): Credentials {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return {
    certificate: publicKey.export({ type: 'spki', format: 'der' }),
    sign: (bytes) => sign('sha256', bytes, { key: privateKey, dsaEncoding: ieee }),
  };
}

/** Accepts the given keys only. */
const only =
  (...known: Credentials[]): VerifyPeer<string> =>
  (certificate) => {
    if (!known.some((own) => own.certificate.equals(certificate))) throw new Error('nobody knows this key');
    const key = createPublicKey({ key: certificate, format: 'der', type: 'spki' });
    return {
      identity: 'known',
      expiresAt: Infinity,
      issuedAt: 0,
      authority: '',
      signed: (bytes, signature) => verify('sha256', bytes, { key, dsaEncoding: ieee }, signature),
    };
  };

const [gateway, agent] = [credentials(), credentials()];
const cleanUp: (() => void)[] = [];
afterEach(() => {
  for (const undo of cleanUp.splice(0)) undo();
});

/** A listener that accepts the agent's key, and the number of connections it rejected. */
async function openListener(preamblesPerSecond: number) {
  const rejected = new Map<string, number>();
  const listener = new TunnelListener<string>({
    credentials: () => gateway,
    verify: only(agent),
    ownerOf: (identity) => identity,
    preamblesPerSecond: () => preamblesPerSecond,
    onProven: (socket) => {
      answerOk(socket);
      socket.resume().on('end', () => socket.end());
    },
    onRejected: (_, code) => rejected.set(code, (rejected.get(code) ?? 0) + 1),
  });
  await listener.listen({ host: '127.0.0.1', port: 0 });
  cleanUp.push(() => {
    listener.close();
    listener.destroyAll();
  });
  return { listener, rejected };
}

/** Connects from an address and authenticates with a key. @throws TunnelError */
async function comeIn(port: number, from = '127.0.0.1'): Promise<void> {
  const socket = connect({ port, host: '127.0.0.1', localAddress: from }).on('error', () => undefined);
  try {
    await dialPreamble(socket, { kind: 'carry' }, agent, only(gateway), AbortSignal.timeout(5000));
    await readAnswer(socket, AbortSignal.timeout(5000));
  } finally {
    socket.destroy();
  }
}

/** A process that holds connections and reopens each as soon as it is closed. `says` is what it writes first. */
async function flood(
  port: number,
  { count, addresses, says }: { count: number; addresses: string[]; says: string },
): Promise<void> {
  const script = `
    const [port, count, addresses, says] = JSON.parse(process.argv[1]);
    let open = 0;
    const one = (i) => {
      const socket = require('net').connect({ port, host: '127.0.0.1', localAddress: addresses[i % addresses.length] }, () => {
        socket.write(says);
        if (++open === count) process.stdout.write('ready');
      });
      socket.on('error', () => {}).on('close', () => one(i)).resume();
    };
    for (let i = 0; i < count; i++) one(i);`;
  const child = spawn(process.execPath, ['-e', script, JSON.stringify([port, count, addresses, says])], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  cleanUp.push(() => child.kill('SIGKILL'));
  await once(child.stdout, 'data');
}

const addresses = Array.from({ length: 8 }, (_, i) => `127.0.0.${1 + i}`);

it.each([
  ['say nothing', ''],
  ['send something else', 'GET / HTTP/1.1\r\n\r\n'],
])(
  'accepts peers that proved their identity before, while thousands of connections, some from the same address, %s and reconnect',
  async (_, says) => {
    const { listener, rejected } = await openListener(300);
    await comeIn(listener.port);
    await flood(listener.port, { count: 2200, addresses, says });
    const closed = () => [...rejected.values()].reduce((sum, count) => sum + count, 0);
    // wait until the connections of the flood have been closed and reopened
    for (let batch = 0; batch < 4 || closed() <= 300; batch++)
      await Promise.all(Array.from({ length: 10 }, () => comeIn(listener.port)));
  },
  60_000,
);

it('reads what a connection has sent before dropping it for others, however many arrive in one turn of the event loop', async () => {
  const { listener, rejected } = await openListener(0);
  const script = `
    const { connect } = require('net');
    let open = 0;
    const first = connect(${listener.port}, '127.0.0.1', () => first.write('GET / HTTP/1.1', () => {
      for (let i = 0; i < 600; i++) connect(${listener.port}, '127.0.0.1', () => ++open === 600 && process.exit());
    }));`;
  execFileSync(process.execPath, ['-e', script]); // nothing is accepted meanwhile
  await expect.poll(() => rejected.get('not-sluice'), { timeout: 5000 }).toBe(1);
});

it('counts connections with a recently proven certificate by the certificate, and others from that address by the address', async () => {
  const { listener, rejected } = await openListener(3);
  await comeIn(listener.port);
  const untrusted = async () =>
    Promise.allSettled(
      Array.from({ length: 5 }, async () => {
        const socket = connect(listener.port, '127.0.0.1').on('error', () => undefined);
        await dialPreamble(socket, { kind: 'carry' }, credentials(), only(gateway), AbortSignal.timeout(5000)).finally(() =>
          socket.destroy(),
        );
      }),
    );
  await untrusted();
  await comeIn(listener.port);
  expect(rejected.get('overloaded')).toBeGreaterThan(0);
  const own = await Promise.allSettled(Array.from({ length: 9 }, () => comeIn(listener.port)));
  expect(own.filter(({ status }) => status === 'rejected').length).toBeGreaterThan(0);
});
