import { readdirSync, readFileSync, utimesSync } from 'node:fs';
import path from 'node:path';
import { Parser } from 'tar';
import { beforeAll, describe, expect, it } from 'vitest';
import { compile } from './compile.mjs';
import { packageAgent } from './package-agent.mjs';

const packed = path.join(import.meta.dirname, '..', 'apps', 'agent', 'packed');

async function filesOf(archive: string): Promise<Map<string, Buffer>> {
  const files = new Map<string, Buffer>();
  const reading = new Parser({
    onReadEntry: (entry) => {
      const chunks: Buffer[] = [];
      entry.on('data', (chunk: Buffer) => chunks.push(chunk)).on('end', () => files.set(entry.path, Buffer.concat(chunks)));
    },
  });
  const ended = new Promise((resolve, reject) => reading.on('end', resolve).on('error', reject));
  reading.end(readFileSync(archive));
  await ended;
  return files;
}

describe("the agent's package", () => {
  let archive: string;
  let files: Map<string, Buffer>;

  beforeAll(async () => {
    await compile();
    await packageAgent();
    const names = readdirSync(packed).filter((name) => name.endsWith('.tgz'));
    expect(names).toHaveLength(1);
    archive = path.join(packed, names[0] as string);
    files = await filesOf(archive);
  });

  it('needs no other package, and is small', () => {
    const about = JSON.parse(files.get('package/package.json')?.toString() ?? '') as Record<string, unknown>;
    expect(about).toMatchObject({
      name: 'sluice-agent',
      bin: { sluice: './bin/sluice.mjs' },
      license: 'Apache-2.0',
      os: ['linux', 'darwin'],
    });
    expect(archive).toContain(`sluice-agent-${String(about['version'])}.tgz`);
    expect(Object.keys(about).filter((key) => /dependencies/i.test(key))).toEqual([]);
    expect([...files.values()].reduce((sum, { length }) => sum + length, 0)).toBeLessThan(5_000_000);
  });

  it('has the lock of each platform, the worker, and the licenses of what it contains', () => {
    const names = [...files.keys()].filter((name) => !/dist\/(chunk|run-agent|trace-sdk|getMachineId-\w+)-\w+\.js$/.test(name));
    const native = ['darwin-arm64', 'darwin-x64', 'linux-arm64', 'linux-x64'].map((platform) => `native/${platform}.node`);
    const others = ['LICENSE', 'THIRD-PARTY.txt', 'bin/sluice.mjs', 'dist/main.js', 'dist/peer-owner-worker.js', 'package.json'];
    expect(names.sort()).toEqual([...native, ...others].map((name) => `package/${name}`).sort());
    for (const name of ['zod', 'commander', 'pino', 'fs-native-extensions', '@opentelemetry/sdk-trace'])
      expect(files.get('package/THIRD-PARTY.txt')?.toString()).toMatch(new RegExp(`^${name} \\d+\\.\\d+\\.\\d+ \\(`, 'm'));
  });

  it('is built again when something changed, with the same bytes for the same sources', async () => {
    const before = readFileSync(archive);
    utimesSync(archive, 0, 0);
    await compile();
    await packageAgent();
    expect(readFileSync(archive).equals(before)).toBe(true);
  }, 30_000);
});
