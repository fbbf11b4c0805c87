import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, it } from 'vitest';
import { prepareFolder } from './prepare-folder.js';
import { ConfigError } from './read-environment.js';

const folder = mkdtempSync(path.join(tmpdir(), 'sluice-folder-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Whether this process may mount in a namespace of its own. */
const canMount = spawnSync('unshare', ['-m', 'mount', '-t', 'tmpfs', 'none', '/mnt']).status === 0;

it('creates a folder and its parents, for its owner alone', () => {
  const made = path.join(folder, 'a', 'b');
  for (let times = 0; times < 2; times++) prepareFolder('SLUICE_EXAMPLE_HOME', made);
  expect([made, path.dirname(made)].map((each) => statSync(each).mode & 0o777)).toEqual([0o700, 0o700]);
});

it.each(['/proc/sluice', '/proc/self/a/b', '/sys/sluice', '/dev/null/sluice'])('says why %s is impossible', (home) => {
  const prepare = () => prepareFolder('SLUICE_EXAMPLE_HOME', home);
  expect(prepare).toThrow(ConfigError);
  expect(prepare).toThrow(`SLUICE_EXAMPLE_HOME: the folder ${home} cannot be written: E`);
});

it('says that a file is not a folder', () => {
  writeFileSync(path.join(folder, 'file'), '');
  expect(() => prepareFolder('SLUICE_EXAMPLE_HOME', path.join(folder, 'file', 'home'))).toThrow('ENOTDIR');
});

it.skipIf(!canMount)('says that a file system is read-only, also when the folder exists', () => {
  const compiled = JSON.stringify(fileURLToPath(new URL('../dist/prepare-folder.js', import.meta.url)));
  const program = `
    import { prepareFolder } from ${compiled};
    for (const home of ['.', './new'])
      try { prepareFolder('SLUICE_EXAMPLE_HOME', home); } catch (error) { console.log(error.message); }`;
  const script = `mount -t tmpfs -o ro,mode=700 none "$1"; cd "$1"; exec "$2" --input-type=module --eval "$3"`;
  const said = execFileSync('unshare', ['-m', 'sh', '-c', script, 'sh', folder, process.execPath, program], { encoding: 'utf8' });
  expect(said.match(/EROFS/g)).toHaveLength(2);
});
