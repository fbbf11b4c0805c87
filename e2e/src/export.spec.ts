import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { until } from '@sluice/process';
import type { Schemas } from '@sluice/sdk';
import type { CommandResult, TestUser } from '@sluice/testing';
import type pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { databaseOwner } from './database-owner.js';
import { Scene } from './scene.js';

/** What `sluice audit verify -o json` prints, as far as it matters here. */
interface Result {
  readonly ok: boolean;
  readonly facts: number;
  readonly records: number;
  readonly recordsChecked: number;
  readonly chains: {
    author: string;
    from: number;
    to: number;
    signedThrough: number | null;
    unsigned: number;
    complete: boolean;
  }[];
  readonly problems: { code: string; number?: number; session?: string }[];
}

const SESSIONS = 12;

let scene: Scene;
let owner: pg.Client;
let auditor: TestUser;
let server: Schemas['Server'];
let folder: string;

beforeAll(async () => {
  scene = await Scene.start();
  owner = await databaseOwner(scene.system);
  auditor = await scene.system.addUser('auditor');
  folder = mkdtempSync(path.join(tmpdir(), 'sluice-export-'));
  const { system, user, resource, installation } = scene;
  server = await system.addServer(resource.port);
  await system.grant([user], [server]);
  const port = await user.connect(server.name);
  for (let session = 0; session < SESSIONS; session++) {
    const socket = connect(port, '127.0.0.1');
    socket.end(`session ${session}`);
    socket.resume();
    await once(socket, 'close');
  }
  await system.recordsWhen(server.id, (all) => all.length === SESSIONS && all.every(({ state }) => state === 'final'), 60_000);
  await installation.service('relay').stop(20_000); // a relay signs its last facts when it stops
  await installation.service('relay').start();
  await until(async () => (await countHeads()) >= 3, AbortSignal.timeout(60_000), 100); // of the first start, the stop, and the second start
}, 180_000);
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await auditor.leave();
  await owner.end();
  await scene.end();
});

/** How many signed heads are stored. */
async function countHeads(): Promise<number> {
  const { rows } = await owner.query<{ count: string }>(
    "select count(*) from audit.fact where subject like 'audit.v1.relay.head.%'",
  );
  return Number(rows[0]?.count);
}

/** How many facts that were received before a time are covered by no signed head yet. */
async function countUnsigned(before: Date): Promise<number> {
  const { rows } = await owner.query<{ count: string }>(
    `select count(*) from audit.fact f join audit.chain c using (author, incarnation)
      where f.received_at < $1 and f.number > coalesce(c.signed_through, 0) and f.subject not like 'audit.v1.%.head.%'`,
    [before],
  );
  return Number(rows[0]?.count);
}

/** How far the audit service has found the relay's chain to be signed. */
async function signedThrough(): Promise<number> {
  const { rows } = await owner.query<{ through: string }>(
    "select max(signed_through) as through from audit.chain where author not in ('registry', 'health', 'audit')",
  );
  return Number(rows[0]?.through);
}

const at = (name: string): string => path.join(folder, name);
const exportTo = (file: string, ...more: string[]) => auditor.mustRun('audit', 'export', '--out', file, ...more);

/** Verifies with the command, and with the second implementation, which must say the same. */
async function verify(file: string, ...more: string[]): Promise<Result> {
  const said = await auditor.run('audit', 'verify', file, ...more, '-o', 'json');
  const result = JSON.parse(said.stdout) as Result;
  expect(said.status).toBe(result.ok ? 0 : 1);
  const second = JSON.parse(inPython(file, ...more)) as Result;
  expect(second.problems.map(({ code, number }) => [code, number])).toEqual(
    result.problems.map(({ code, number }) => [code, number]),
  );
  return result;
}

function inPython(...args: string[]): string {
  const script = path.join(import.meta.dirname, '..', '..', 'tools', 'verify_export.py');
  try {
    return execFileSync('python3', [script, '--json', ...args], { encoding: 'utf8' });
  } catch (error) {
    return (error as CommandResult).stdout; // the status is 1 where something is wrong
  }
}

it('exports facts and records that are verified without the installation, up to the last signed head', async () => {
  const file = at('genuine.ndjson');
  const said = await exportTo(file);
  expect(said).toContain(`${SESSIONS} records`);
  const result = await verify(file);
  expect(result.problems).toEqual([]);
  expect(result).toMatchObject({ ok: true, records: SESSIONS, recordsChecked: SESSIONS });
  const { rows } = await owner.query<{ author: string }>(
    "select author from audit.chain where author not in ('registry', 'health', 'audit')",
  );
  const chain = result.chains.find(({ author }) => author === rows[0]?.author);
  expect(chain).toMatchObject({ from: 1, complete: true });
  expect(chain?.signedThrough).toBeGreaterThanOrEqual(2 * SESSIONS + 1);
  await expect.poll(signedThrough, { timeout: 20_000 }).toBeGreaterThanOrEqual(2 * SESSIONS + 1);
  for (const service of ['registry', 'health'])
    expect(result.chains.find(({ author }) => author === service)?.signedThrough).toBeGreaterThanOrEqual(1);
  const shown = await auditor.mustRun('audit', 'verify', file);
  expect(shown).toMatch(/complete for relay relay-1 \([0-9a-f-]{36}\), numbers 1 to \d+, until 20/);
});

it('continues an export that was interrupted anywhere, with the same result', async () => {
  const whole = at('whole.ndjson');
  const end = new Date();
  await until(async () => (await countUnsigned(end)) === 0, AbortSignal.timeout(60_000), 100); // an export goes on to the heads that cover it
  await exportTo(whole, '--until', end.toISOString());
  const text = readFileSync(whole, 'latin1');
  const inFacts = text.indexOf('{"line":"fact"', text.length / 3);
  for (const [index, length] of [inFacts + 40, inFacts, text.indexOf('{"line":"record"') + 10, text.length - 5].entries()) {
    const file = at(`resumed-${index}.ndjson`);
    copyFileSync(whole, `${file}.part`);
    truncateSync(`${file}.part`, length);
    await exportTo(file, '--resume');
    expect(readFileSync(file, 'utf8')).toBe(readFileSync(whole, 'utf8'));
  }
  expect((await auditor.run('audit', 'export', '--out', whole)).stderr).toContain('exists already');
  expect((await auditor.run('audit', 'export', '--out', at('none'), '--resume')).stderr).toContain(
    'there is no unfinished export',
  );
  for (const left of ['', text.slice(0, 30)]) {
    const file = at(`begun-${left.length}`);
    writeFileSync(`${file}.part`, left);
    const said = await auditor.run('audit', 'export', '--out', file, '--resume');
    expect(said.stderr).toContain('interrupted before its first line. Begin again without --resume');
    await exportTo(file, '--until', end.toISOString());
    expect(await verify(file)).toMatchObject({ ok: true, records: SESSIONS });
  }
});

it('exports records as CSV, which is no evidence, does not pass for it, and does not mix with an export that is', async () => {
  const file = at('records.csv');
  expect(await exportTo(file, '--format', 'csv')).toContain(`has ${SESSIONS} records. It cannot be verified`);
  const text = readFileSync(file, 'utf8');
  const [header = '', ...rows] = text.split('\r\n').slice(0, -1);
  expect([header, rows.length]).toEqual([
    expect.stringMatching(/^id,requestId,attempt,state,account\.id,.*,source,repeats$/),
    SESSIONS,
  ]);
  expect(new Set(rows.map((row) => row.split(',')[0])).size).toBe(SESSIONS);
  expect(rows.every((row) => row.includes(server.name))).toBe(true);
  expect(text).toBe(await auditor.mustRun('audit', 'export', '--format', 'csv')); // on standard output
  expect(`${[header, ...rows].join('\n')}\n`).toBe(await auditor.mustRun('audit', 'sessions', '-o', 'csv')); // one form of CSV
  expect(await exportTo(at('none.csv'), '--format', 'csv', '--until', '2020-01-01T00:00:00Z')).toContain('has 0 records');
  expect(readFileSync(at('none.csv'), 'utf8')).toBe(`${header}\r\n`);

  const saved = at('saved.csv');
  for (const content of [text, `\ufeff${text.replaceAll(',', ';')}`]) {
    writeFileSync(saved, content);
    const said = await auditor.run('audit', 'verify', saved);
    expect([said.status, said.stderr]).toEqual([2, expect.stringContaining('it is CSV, which has no facts and no signatures')]);
    expect(inPython(saved)).toBe('');
  }
  writeFileSync(`${saved}.2.part`, text.slice(0, -5));
  for (const more of [['--resume'], ['--format', 'csv'], []])
    expect((await auditor.run('audit', 'export', '--out', `${saved}.2`, ...more)).stderr).toContain(
      'an unfinished export as CSV, which cannot be continued: delete it',
    );
  copyFileSync(at('whole.ndjson'), `${at('evidence')}.part`);
  expect((await auditor.run('audit', 'export', '--out', at('evidence'), '--format', 'csv')).stderr).toContain(
    'is an unfinished export: continue it with --resume, or delete it',
  );
});

it('leaves nothing of an export that failed before anything was read', async () => {
  const file = at('failed.csv');
  const { installation } = scene;
  await installation.service('audit').stop(20_000);
  for (const format of ['csv', 'ndjson'])
    expect((await auditor.run('audit', 'export', '--format', format, '--out', file)).status).toBe(1);
  expect(existsSync(`${file}.part`)).toBe(false);
  await installation.service('audit').start();
  await until(async () => (await auditor.run('audit', 'sessions')).status === 0, AbortSignal.timeout(30_000), 100);
  await exportTo(file, '--format', 'csv');
});

it('exports a part of the time, with whole ranges of numbers', async () => {
  const { rows } = await owner.query<{ at: Date; number: string }>(
    "select received_at as at, number from audit.fact where subject like 'audit.v1.session.closed.%' order by number",
  );
  const [from, to] = [rows[3], rows[7]];
  const file = at('part.ndjson');
  await exportTo(file, '--since', from?.at.toISOString() ?? '', '--until', new Date((to?.at.getTime() ?? 0) + 1).toISOString());
  const result = await verify(file);
  expect(result).toMatchObject({ ok: true, problems: [] });
  const chain = result.chains.find(({ author }) => author.length === 36);
  expect(chain?.from).toBeGreaterThan(1);
  expect(chain?.unsigned).toBe(0); // the range continues to the head that covers it
});

it('shows what the owner of the database has changed', async () => {
  const { rows } = await owner.query<{ author: string; id: string; number: string; bytes: Buffer; session: string }>(
    `select author, id, number, bytes, convert_from(bytes, 'UTF8')::jsonb -> 'data' ->> 'sessionId' as session from audit.fact
      where subject like 'audit.v1.session.closed.%' order by number`,
  );
  const [altered, forged, removed] = rows as [(typeof rows)[0], (typeof rows)[0], (typeof rows)[0]];
  await owner.query('begin');
  await owner.query('set local session_replication_role = replica'); // no trigger protects anything any more
  const text = altered.bytes.toString().replace(/"bytesUp":\d+/, '"bytesUp":7');
  await owner.query('update audit.fact set bytes = $3 where author = $1 and id = $2', [
    altered.author,
    altered.id,
    Buffer.from(text),
  ]);
  await owner.query('update audit.session set bytes_up = 7 where id = $1', [altered.session]);
  await owner.query("update audit.session set account_email = 'somebody@else.example' where id = $1", [forged.session]);
  await owner.query('delete from audit.session where id = $1', [removed.session]);
  await owner.query('commit');
  const file = at('changed.ndjson');
  await exportTo(file);
  const { problems } = await verify(file);
  expect(problems.map(({ code, number, session }) => [code, code === 'altered' ? number : session])).toEqual(
    expect.arrayContaining([
      ['altered', Number(altered.number)],
      ['record-differs', forged.session],
      ['record-missing', removed.session],
    ]),
  );
  expect(problems).toHaveLength(3);
});

it('shows by heads that somebody else has kept that the end of a chain was cut off', async () => {
  const { rows } = await owner.query<{ bytes: Buffer; number: string; author: string; incarnation: string }>(
    "select bytes, number, author, incarnation from audit.fact where subject like 'audit.v1.relay.head.%' order by number desc limit 1",
  );
  const last = rows[0] as (typeof rows)[0];
  const heads = at('heads.ndjson');
  writeFileSync(heads, `${last.bytes.toString()}\n`);
  await owner.query('begin');
  await owner.query('set local session_replication_role = replica');
  await owner.query('delete from audit.fact where author = $1 and incarnation = $2 and number >= $3', [
    last.author,
    last.incarnation,
    Number(last.number) - 1,
  ]);
  await owner.query('commit');
  const file = at('cut.ndjson');
  await exportTo(file);
  const codes = async (...more: string[]) => (await verify(file, ...more)).problems.map(({ code }) => code);
  expect(await codes()).not.toContain('cut');
  expect(await codes('--heads', heads)).toContain('cut');
});

it('lets nobody export but auditors and administrators', async () => {
  const said = await scene.user.run('audit', 'export');
  expect([said.status, said.stderr]).toEqual([1, expect.stringContaining('this requires the API role administrator or auditor')]);
});
