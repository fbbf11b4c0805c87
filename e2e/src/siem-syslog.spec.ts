import { rmSync } from 'node:fs';
import path from 'node:path';
import { testFolder, type TestUser } from '@sluice/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestExport } from './export-process.js';
import { Scene } from './scene.js';
import { rsyslog, SyslogDaemon, type SyslogProgram, syslogNg } from './syslog-daemon.js';

const folder = testFolder('siem-syslog');
const WITHIN = { timeout: 60_000, interval: 100 };
const programs = [rsyslog, syslogNg];
for (const { name, present } of programs) if (!present) console.log(`skipped: ${name} is not here`);

/** What a user may be called who wants to forge a message: the registry accepts it as a tag. */
const HOSTILE = '"] <0>1 - - | = \\ \u{1f980}';
let scene: Scene;
let admin: TestUser;
const cleanUps: (() => unknown)[] = [];

beforeAll(async () => {
  if (!programs.some(({ present }) => present)) return;
  scene = await Scene.start({ restart: false });
  admin = await scene.system.addUser('administrator');
  await admin.mustRun(
    'admin',
    'servers',
    'add',
    'tcp',
    'forger',
    '--hostname',
    '127.0.0.1',
    '--port',
    '1',
    '--tags',
    `key=${HOSTILE}`,
  );
}, 60_000);
afterAll(async () => {
  for (const cleanUp of cleanUps.reverse()) await cleanUp();
  await admin?.leave();
  await scene?.end();
  rmSync(folder, { recursive: true });
});

const numberIn = (message: string): number => Number(/\[sluice@32473 number="(\d+)"/.exec(message)?.[1]);

async function start(program: SyslogProgram, name: string, env: Record<string, string>) {
  const daemon = await SyslogDaemon.start(program, path.join(folder, name));
  const made = await TestExport.make(scene.system, name, folder);
  cleanUps.push(
    () => daemon.stop('SIGKILL'),
    () => made.end(),
  );
  const settings = {
    SLUICE_EXPORT_DESTINATION: 'syslog',
    SLUICE_EXPORT_URL: `tls://localhost:${daemon.port}`,
    SLUICE_EXPORT_CA_FILE: daemon.ca,
    SLUICE_EXPORT_SYSLOG_BYTES: '32768',
    ...env,
  };
  const lastNumber = async () => (await made.delivery())?.acknowledgedNumber ?? 0;
  const caughtUp = () => expect.poll(() => made.delivery(), WITHIN).toMatchObject({ waiting: 0, unacknowledged: 0 });
  return { daemon, made, settings, lastNumber, caughtUp };
}

describe.each(programs)('$name', (program) => {
  it.skipIf(!program.present)(
    'receives every event over TLS as JSON, and those that come while it is away',
    async () => {
      const { daemon, made, settings, lastNumber, caughtUp } = await start(program, `${program.name}-json`, {});
      await made.start(settings);
      await caughtUp();
      await expect.poll(() => daemon.messages.length, WITHIN).toBeGreaterThan(5);
      await daemon.stop();
      await scene.system.addUser();
      await daemon.run();
      await caughtUp();
      const last = await lastNumber();
      await expect.poll(() => new Set(daemon.messages.map(numberIn)).size, WITHIN).toBeGreaterThanOrEqual(last);
      const numbers = [...new Set(daemon.messages.map(numberIn))].sort((a, b) => a - b);
      expect(numbers.slice(0, last)).toEqual(Array.from({ length: last }, (_, at) => at + 1));
      for (const message of daemon.messages) {
        const [, id, text = ''] =
          /^<\d+>1 \S+ \S+ sluice - \S+ \[sluice@32473 number="\d+" id="([^"]+)" subject="[^"]+"\] (\{.*\})$/.exec(message) ?? [];
        expect(JSON.parse(text)).toMatchObject({ specversion: '1.0', id });
      }
      expect(daemon.messages.some((message) => message.includes(JSON.stringify(HOSTILE).slice(1, -1)))).toBe(true);
    },
    120_000,
  );

  it.skipIf(!program.present)(
    'receives events in CEF',
    async () => {
      const { daemon, made, settings, caughtUp } = await start(program, `${program.name}-cef`, {
        SLUICE_EXPORT_SYSLOG_FORMAT: 'cef',
      });
      await made.start(settings);
      await caughtUp();
      const added = () => daemon.messages.find((message) => message.includes('|activity server added|'));
      await expect
        .poll(added, WITHIN)
        .toMatch(
          /\] CEF:0\|Sluice\|Sluice\|[\d.]+\|sluice\.activity\.server\.v1\|activity server added\|4\|rt=\d+ .* suser=\S+ .*cs1=forger/,
        );
    },
    60_000,
  );

  it.skipIf(!program.present)(
    'is not trusted with a certificate of somebody else, and no event is acknowledged',
    async () => {
      const { daemon, made, settings } = await start(program, `${program.name}-other`, {});
      const { SLUICE_EXPORT_CA_FILE: _, ...others } = settings;
      const tried = await made.try(others);
      expect(tried).toMatchObject({ status: 1, output: expect.stringContaining('self-signed certificate') as string });
      expect(daemon.messages).toEqual([]);
    },
    60_000,
  );
});
