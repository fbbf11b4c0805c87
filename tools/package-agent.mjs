// Builds the agent's package, `apps/agent/packed/sluice-agent-VERSION.tgz`: everything that `sluice` needs except Node, in some 570 KB.
// `build()` calls it, so it exists after `npm run build` and `npm start`. The same sources give the same bytes. What is in it lies
// beside it too, in `packed/package/`: the checkout's own `sluice` runs that, which starts with less than half the CPU time.
//
//   package.json  LICENSE  THIRD-PARTY.txt  bin/sluice.mjs
//   dist/         main.js, peer-owner-worker.js, and chunks that only some commands load: all in one folder, because code finds its files relative to itself
//   native/       the file lock of fs-native-extensions, which cannot be bundled, for each platform
import { randomUUID } from 'node:crypto';
import { copyFile, cp, mkdir, mkdtemp, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundle, changedAt, thirdParty } from './bundle.mjs';

const root = path.join(path.dirname(fileURLToPath(import.meta.url)), '..');
const agent = path.join(root, 'apps', 'agent');
const packed = path.join(agent, 'packed');
const unpacked = path.join(packed, 'package');
/** What the package is built from besides compiled code. */
const SOURCES = ['LICENSE', 'apps/agent/package.json', 'apps/agent/bin/sluice.mjs', 'tools/package-agent.mjs'];
const PLATFORMS = ['linux-x64', 'linux-arm64', 'darwin-x64', 'darwin-arm64'];
/** The modification time that npm uses too: a package does not contain its build time. */
const MADE = new Date('1985-10-26T08:15:00.000Z');

const readJson = async (...parts) => JSON.parse(await readFile(path.join(...parts), 'utf8'));

/** Loads the addon from `native/` instead of node_modules. */
const nativeFromPackage = {
  name: 'native-from-package',
  setup: ({ onLoad }) =>
    onLoad({ filter: /fs-native-extensions\/binding\.js$/ }, () => ({
      contents: `const file = '../native/' + process.platform + '-' + process.arch + '.node'; module.exports = require(file);`,
      loader: 'js',
    })),
};

/** Bundles the compiled agent. @returns the files that went into it, from the root of the repository */
async function bundleAgent(outdir) {
  const { inputs, outputs } = await bundle({
    entryPoints: { main: 'apps/agent/dist/main.js', 'peer-owner-worker': 'apps/agent/dist/listener/peer-owner-worker.js' },
    splitting: true,
    plugins: [nativeFromPackage],
    outdir,
  });
  const missing = Object.values(outputs)
    .flatMap(({ imports }) => imports)
    .filter(({ external, path: name }) => external === true && !isBuiltin(name));
  if (missing.length > 0) throw new Error(`the agent's package would lack ${missing.map(({ path: name }) => name).join(', ')}`);
  return Object.keys(inputs);
}

async function lay(folder) {
  for (const name of ['bin', 'dist', 'native']) await mkdir(path.join(folder, name), { recursive: true });
  const [{ version, license, bin }, { engines }] = await Promise.all([
    readJson(agent, 'package.json'),
    readJson(root, 'package.json'),
  ]);
  const description = 'The sluice command: reach TCP services through Sluice';
  const about = { name: 'sluice-agent', version, description, license, type: 'module', bin, engines, os: ['linux', 'darwin'] };
  await writeFile(path.join(folder, 'package.json'), `${JSON.stringify(about, null, 2)}\n`);
  await copyFile(path.join(root, 'LICENSE'), path.join(folder, 'LICENSE'));
  await copyFile(path.join(agent, 'bin', 'sluice.mjs'), path.join(folder, 'bin', 'sluice.mjs'));
  const prebuilt = path.join(root, 'node_modules', 'fs-native-extensions', 'prebuilds');
  for (const platform of PLATFORMS)
    await copyFile(path.join(prebuilt, platform, 'fs-native-extensions.node'), path.join(folder, 'native', `${platform}.node`));
  const licenses = await thirdParty(await bundleAgent(path.join(folder, 'dist')));
  await writeFile(path.join(folder, 'THIRD-PARTY.txt'), `The agent contains these packages.\n\n${licenses}`);
}

/** Replaces a folder by another one, which may be on another disk. A `sluice` that starts meanwhile runs what was compiled. */
async function replaceFolder(from, to) {
  const draft = `${to}.${randomUUID()}`;
  await cp(from, draft, { recursive: true });
  await rm(to, { recursive: true, force: true });
  await rename(draft, to);
}

/** Builds the package if it does not exist or something changed since. @returns whether it was built */
export async function packageAgent() {
  const { version } = await readJson(agent, 'package.json');
  const name = `sluice-agent-${version}.tgz`;
  const made = await stat(path.join(packed, name)).catch(() => undefined);
  const complete = made !== undefined && existsSync(unpacked);
  if (complete && made.mtimeMs > (await changedAt('agent', SOURCES))) return false;
  const begun = new Date();
  const staging = await mkdtemp(path.join(tmpdir(), 'sluice-package-'));
  try {
    await lay(path.join(staging, 'package'));
    await mkdir(packed, { recursive: true });
    const files = await readdir(path.join(staging, 'package'), { recursive: true, withFileTypes: true });
    const names = files
      .filter((file) => file.isFile())
      .map((file) => path.relative(staging, path.join(file.parentPath, file.name)));
    const { create } = await import('tar');
    const draft = path.join(packed, `${name}.${randomUUID()}`); // renamed when complete: another build may be in progress
    await create({ file: draft, cwd: staging, gzip: { level: 9 }, portable: true, mtime: MADE }, names.sort());
    await utimes(draft, begun, begun); // so sources that change meanwhile are newer than the package
    await replaceFolder(path.join(staging, 'package'), unpacked);
    await rename(draft, path.join(packed, name));
    for (const other of await readdir(packed)) if (other !== name && other.endsWith('.tgz')) await rm(path.join(packed, other));
  } finally {
    await rm(staging, { recursive: true });
  }
  return true;
}
