import { createHash } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { testFolder } from '@sluice/testing';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { databaseOwner } from './database-owner.js';
import { kill, TestExport } from './export-process.js';
import { S3Store } from './s3-store.js';
import { Scene } from './scene.js';

const LAST_HEAD =
  "select author, number from audit.fact where subject like 'audit.v1.relay.head.%' order by received_at desc, number desc limit 1";

const { present } = S3Store;
if (!present) console.log('skipped: SLUICE_TEST_MOTO does not name the folder of moto');

describe.skipIf(!present)('a store that speaks S3', () => {
  const folder = testFolder('siem-s3');
  const WITHIN = { timeout: 90_000, interval: 200 };
  let scene: Scene;
  let store: S3Store;
  let made: TestExport;
  let env: Record<string, string>;

  const awsFile = (name: string, id: string, secret: string): string =>
    made.file(name, `[default]\naws_access_key_id = ${id}\naws_secret_access_key = ${secret}\n`);

  beforeAll(async () => {
    scene = await Scene.start({ restart: false });
    store = await S3Store.start('audit');
    made = await TestExport.make(scene.system, 's3', folder);
    env = {
      SLUICE_EXPORT_DESTINATION: 's3',
      SLUICE_EXPORT_URL: store.url,
      SLUICE_EXPORT_S3_BUCKET: store.bucket,
      SLUICE_EXPORT_S3_PREFIX: 'sluice/eu_1',
      SLUICE_EXPORT_S3_CREDENTIALS_FILE: awsFile('key', store.key.id, store.key.secret),
      SLUICE_EXPORT_S3_SECONDS: '2',
      SLUICE_EXPORT_BATCH: '10',
      SLUICE_EXPORT_TIMEOUT_SECONDS: '2',
    };
  }, 60_000);
  afterAll(async () => {
    await made.end();
    await store.stop();
    await scene.end();
    rmSync(folder, { recursive: true });
  });

  /** The lines of all objects. Each has the name that follows from its content. */
  async function lines(): Promise<{ number: number; event: { id: string } }[]> {
    const texts = await Promise.all(
      (await store.names()).map(async (name) => {
        const text = gunzipSync(await store.get(name)).toString();
        const own = text.split('\n').slice(0, -1);
        const numbers = own.map((line) => String((JSON.parse(line) as { number: number }).number).padStart(12, '0'));
        const digest = createHash('sha256').update(text).digest('hex').slice(0, 16);
        expect(name).toMatch(/^sluice\/eu_1\/\d{4}\/\d\d\/\d\d\/\d\d\/[^/]+$/);
        expect(name.split('/').at(-1)).toBe(`${numbers[0]}-${numbers.at(-1)}-${digest}.ndjson.gz`);
        return own;
      }),
    );
    return texts.flat().map((line) => JSON.parse(line) as { number: number; event: { id: string } });
  }

  it('has every event in objects by hour and number, although it hangs and a copy is killed meanwhile', async () => {
    const one = await made.start(env);
    await expect.poll(() => store.names(), WITHIN).not.toEqual([]);
    store.hang(true);
    await scene.system.addUser();
    const other = await made.start(env);
    await expect.poll(() => one.log() + other.log(), WITHIN).toContain('no complete response within 2 s');
    await kill(one);
    store.hang(false);
    await scene.system.addUser();
    const last = (await scene.system.admin.GET('/api/v1/delivery')).data?.stream.lastNumber ?? 0;
    await expect.poll(async () => (await made.delivery())?.acknowledgedNumber, WITHIN).toBeGreaterThanOrEqual(last);
    const ids = new Map((await lines()).map(({ number, event }) => [number, event.id]));
    const numbers = [...ids.keys()].sort((a, b) => a - b).slice(0, last);
    expect(numbers).toEqual(Array.from({ length: last }, (_, at) => at + 1));
    expect(other.log()).not.toContain(store.key.secret);
  }, 150_000);

  it('refuses another access key and a bucket that does not exist, and `--test` says so', async () => {
    const wrong = awsFile('wrong', store.key.id, 'of-somebody-else');
    const tried = await made.try({ ...env, SLUICE_EXPORT_S3_CREDENTIALS_FILE: wrong });
    expect(tried).toMatchObject({ status: 1, output: expect.stringContaining('SignatureDoesNotMatch') as string });
    const missing = await made.try({ ...env, SLUICE_EXPORT_S3_BUCKET: 'missing' });
    expect(missing).toMatchObject({ status: 1, output: expect.stringContaining('NoSuchBucket') as string });
    expect(await made.try(env)).toMatchObject({ status: 0 });
  }, 60_000);

  it('keeps signed heads where nobody can delete them, and they show that the end of a chain was cut off', async () => {
    const { system, installation } = scene;
    const auditor = await system.addUser('auditor');
    const owner = await databaseOwner(system);
    onTestFinished(async () => {
      await owner.end();
      await auditor.leave();
    });
    const subjects = ['audit.v1.relay.head.>', 'audit.v1.service.head.>'];
    const anchor = await TestExport.make(system, 'anchor', folder, { subjects });
    const locked = { SLUICE_EXPORT_S3_LOCK: 'compliance', SLUICE_EXPORT_S3_LOCK_DAYS: '400', SLUICE_EXPORT_S3_PREFIX: 'heads' };
    const exporter = await anchor.start({ ...env, ...locked });
    await installation.service('relay').stop(20_000); // a relay signs its last facts when it stops
    const lastHead = async () => (await owner.query<{ author: string; number: string }>(LAST_HEAD)).rows[0];
    await expect.poll(lastHead, WITHIN).toBeDefined();
    const { author, number } = (await lastHead()) as { author: string; number: string };
    const anchored = async (): Promise<string[]> => (await store.names()).filter((name) => name.startsWith('heads/'));
    const texts = async (): Promise<string[]> =>
      Promise.all((await anchored()).map(async (name) => gunzipSync(await store.get(name)).toString()));
    await expect
      .poll(async () => (await texts()).join(''), WITHIN)
      .toMatch(new RegExp(`"number":${number},.*"node":"${author}"|"node":"${author}".*"number":${number},`));
    const names = await anchored();
    const files = await Promise.all(
      names.map(async (name, at) => {
        const file = path.join(folder, `heads-${at}.gz`);
        writeFileSync(file, await store.get(name));
        return ['--heads', file];
      }),
    );
    const { headers } = await store.request('GET', names[0] ?? '');
    expect(headers.get('x-amz-object-lock-mode')).toBe('COMPLIANCE');
    const until = headers.get('x-amz-object-lock-retain-until-date') ?? '';
    expect((Date.parse(until) - Date.now()) / 86_400_000).toBeCloseTo(400, 0);
    const version = headers.get('x-amz-version-id') ?? '';
    const deleted = await store.request('DELETE', `${names[0]}?versionId=${version}`);
    expect(await deleted.text()).toContain('AccessDenied');

    const verified = async (name: string): Promise<string> => {
      const file = path.join(folder, name);
      await auditor.mustRun('audit', 'export', '--out', file);
      return (await auditor.run('audit', 'verify', file, ...files.flat())).stdout;
    };
    expect(await verified('whole.ndjson')).toContain('Nothing is wrong.');
    await owner.query('begin');
    await owner.query('set local session_replication_role = replica'); // as the owner of the database could
    await owner.query('delete from audit.fact where author = $1 and number >= $2', [author, Number(number) - 1]);
    await owner.query('commit');
    expect(await verified('cut.ndjson')).toContain('cut (');
    await kill(exporter);
  }, 180_000);
});
