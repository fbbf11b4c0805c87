import { randomBytes } from 'node:crypto';
import { RELEASE } from '@sluice/domain';
import { expect, it } from 'vitest';
import type { TunnelError } from '../socket/tunnel-error.js';
import { answerPreamble } from './answer-preamble.js';
import type { Credentials, VerifyPeer } from './credentials.js';
import { dialPreamble } from './dial-preamble.js';
import { encodeMessage, MAGIC, SIGNATURE_LENGTH } from './messages.js';
import { readMessage } from './read-message.js';
import { readExactly } from '../socket/read-exactly.js';
import { socketPair } from '../testing/socket-pair.js';

/** Credentials that anybody accepts: what is tested here is which release speaks. */
const own: Credentials = { certificate: Buffer.from('certificate'), sign: () => Buffer.alloc(SIGNATURE_LENGTH) };
const anybody: VerifyPeer<string> = () => ({
  identity: 'somebody',
  expiresAt: 0,
  issuedAt: 0,
  authority: '',
  signed: () => true,
});
const within = () => AbortSignal.timeout(5000);
const hello = (more: object) =>
  encodeMessage({ kind: 'carry', versions: [1], certificate: 'AAAA', nonce: randomBytes(32).toString('base64'), ...more });

/** How a gateway answers a hello with these fields: the code of its error, and what it sends. */
async function answerTo(more: object): Promise<{ code: string; sent: string }> {
  const [near, far] = await socketPair();
  near.write(Buffer.concat([MAGIC, hello(more)]));
  const answering = answerPreamble(far, own, anybody, within()).then(
    () => 'accepted',
    (error: TunnelError) => error.code,
  );
  const { body } = await readMessage(near, within());
  near.end();
  return { code: 'version' in (JSON.parse(body.toString()) as object) ? 'accepted' : await answering, sent: body.toString() };
}

it.each([
  ['of this release', { release: RELEASE }],
  ['of a newer release, with fields that do not exist yet', { release: '9.0.0', versions: [9, 1], mood: 'good' }],
  ['that does not say its release', {}],
])('a gateway continues with a dialler %s, and says its own release', async (_, more) => {
  const { code, sent } = await answerTo(more);
  expect([code, JSON.parse(sent)]).toMatchObject(['accepted', { version: 1, release: RELEASE }]);
});

it('a gateway refuses a dialler that is too old, and says which release it has and which it needs', async () => {
  const { code, sent } = await answerTo({ release: '0.0.9' });
  expect([code, JSON.parse(sent)]).toEqual([
    'upgrade-needed',
    { error: { code: 'upgrade-needed', message: 'the dialler runs 0.0.9: upgrade needed, at least 0.1.0' } },
  ]);
});

it('a gateway refuses a release that is no release without repeating it', async () => {
  const { code, sent } = await answerTo({ release: `<b>${'9'.repeat(90)}` });
  expect(code).toBe('upgrade-needed');
  expect(sent).not.toContain('<b>');
});

it.each([
  ['an older one', [0, -5], 'the dialler speaks no version of the tunnel protocol from 1 to 1: upgrade needed, at least 0.1.0'],
  ['a newer one', [2 ** 53 - 1], `the last of which is 1: upgrade needed, of this side (release ${RELEASE})`],
])(
  'a gateway refuses a dialler that speaks only %s version of the protocol, and says who is too old',
  async (_, versions, said) => {
    const { code, sent } = await answerTo({ versions });
    expect(code).toBe('bad-version');
    expect(sent).toContain(said);
    expect(sent.length).toBeLessThan(300);
  },
);

/** What a dialler makes of a gateway whose hello has these fields. */
async function dialTo(more: object): Promise<unknown> {
  const [near, far] = await socketPair();
  const dialled = dialPreamble(near, { kind: 'offer' }, own, anybody, within()).catch((error: TunnelError) => ({
    code: error.code,
    message: error.message,
  }));
  await readExactly(far, MAGIC.length, within());
  const { body } = await readMessage(far, within());
  expect(JSON.parse(body.toString())).toMatchObject({ versions: [1], release: RELEASE, kind: 'offer' });
  const answer = encodeMessage({ version: 1, certificate: 'AAAA', nonce: randomBytes(32).toString('base64'), ...more });
  far.write(Buffer.concat([answer, Buffer.alloc(SIGNATURE_LENGTH)]));
  return dialled;
}

it('a dialler continues with a gateway of its own release, a newer one, or one that does not say', async () => {
  for (const more of [{ release: RELEASE }, { release: '9.9.9', mood: 'good' }, {}]) expect(await dialTo(more)).toBe('somebody');
});

it('a dialler refuses a gateway that is too old', async () => {
  expect(await dialTo({ release: '0.0.9' })).toEqual({
    code: 'upgrade-needed',
    message: 'the gateway runs 0.0.9: upgrade needed, at least 0.1.0',
  });
});

it('a dialler refuses a version that it did not offer', async () => {
  expect(await dialTo({ version: 2 })).toMatchObject({ code: 'bad-version' });
});
