// Bundles compiled programs with esbuild: a process that reads one file instead of a thousand starts with half the CPU time.
import { cp, mkdir, mkdtemp, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.join(path.dirname(fileURLToPath(import.meta.url)), '..');
const apps = path.join(root, 'apps');
/** The programs that are bundled, except the agent, which has its own package (package-agent.mjs). */
const SERVICES = {
  audit: ['main'],
  export: ['main'],
  gateway: ['main'],
  health: ['main'],
  registry: ['main', 'recover-admin'],
  relay: ['main'],
};
/** Optional packages of Nest, its adapters and pg. They are not installed, and remain a `require` that is never called. */
const OPTIONAL = [
  ...['class-transformer', 'class-transformer/*', 'class-validator'],
  ...['@nestjs/platform-express', '@nestjs/websockets', '@nestjs/websockets/*'],
  ...['@fastify/multipart', '@fastify/view'],
  ...['amqp-connection-manager', 'amqplib', 'ioredis', 'kafkajs', 'mqtt', 'pg-native'],
];
/** Written last, with the time at which the bundle began. */
const MADE = 'THIRD-PARTY.txt';
/** What CommonJS packages expect to be defined. */
const BANNER = `import { createRequire as makeRequire } from 'node:module';
import { dirname as folderOf } from 'node:path';
import { fileURLToPath as fileOf } from 'node:url';
const require = makeRequire(import.meta.url), __filename = fileOf(import.meta.url), __dirname = folderOf(__filename);`;

/**
 * Bundles programs into a folder, with these options of esbuild. @returns esbuild's metafile: inputs and outputs
 */
export async function bundle(options) {
  const { build } = await import('esbuild');
  const { metafile } = await build({
    absWorkingDir: root,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    banner: { js: BANNER },
    metafile: true,
    logLevel: 'warning',
    ...options,
  });
  return metafile;
}

/** The licenses of the packages among these files, which require that they are included. */
export async function thirdParty(inputs) {
  const found = inputs.map((file) => /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1]);
  const folders = [...new Set(found.filter((folder) => folder !== undefined))].sort();
  const texts = folders.map(async (folder) => {
    const { name, version, license } = JSON.parse(await readFile(path.join(root, folder, 'package.json'), 'utf8'));
    const files = (await readdir(path.join(root, folder))).filter((file) => /^(licen[cs]e|notice|copying)/i.test(file)).sort();
    const words = await Promise.all(files.map((file) => readFile(path.join(root, folder, file), 'utf8')));
    return [`${name} ${version} (${license})`, ...words.map((text) => text.trim())].join('\n\n');
  });
  return `${(await Promise.all(texts)).join(`\n\n${'-'.repeat(80)}\n\n`)}\n`;
}

/** fs-native-extensions looks for its addon in node_modules; here the one for this platform is beside the bundle. */
const nativeOfThisPlatform = {
  name: 'native-of-this-platform',
  setup: ({ onLoad }) =>
    onLoad({ filter: /fs-native-extensions\/binding\.js$/ }, () => ({
      contents: `module.exports = require('./prebuilds/${process.platform}-${process.arch}/fs-native-extensions.node');`,
      loader: 'js',
    })),
};

/** What is loaded only when traces are on, beside the bundle and complete like it: a service that does not trace does not read it. */
const TRACES = 'trace-sdk';
const tracesApart = {
  name: 'traces-apart',
  setup: ({ onResolve }) =>
    onResolve({ filter: /\/trace-sdk\.js$/ }, ({ kind }) =>
      kind === 'dynamic-import' ? { path: `./${TRACES}.js`, external: true } : undefined,
    ),
};

/** When any input of the bundles was last changed: all libraries, and the app itself if one is given. */
export async function changedAt(app, more = []) {
  const folders = app === undefined ? [] : [`apps/${app}/dist`];
  const files = ['package.json', 'package-lock.json', 'tools/bundle.mjs', ...more];
  for (const lib of await readdir(path.join(root, 'libs'))) {
    folders.push(`libs/${lib}/dist`);
    files.push(`libs/${lib}/package.json`);
  }
  for (const folder of folders) {
    const names = await readdir(path.join(root, folder), { recursive: true }).catch(() => []);
    files.push(...names.filter((name) => /\.m?js$/.test(name)).map((name) => path.join(folder, name)));
  }
  return Math.max(...(await Promise.all(files.map(async (file) => (await stat(path.join(root, file))).mtimeMs))));
}

async function bundleService(app) {
  const folder = path.join(apps, app, 'bundle');
  const made = await stat(path.join(folder, MADE)).catch(() => undefined);
  if (made !== undefined && made.mtimeMs > (await changedAt(app))) return false;
  const begun = new Date();
  const staging = await mkdtemp(path.join(tmpdir(), 'sluice-bundle-'));
  try {
    await makeBundle(app, staging);
    await utimes(path.join(staging, MADE), begun, begun); // so sources that change meanwhile are newer than the bundle
    await replaceFiles(staging, folder);
  } finally {
    await rm(staging, { recursive: true });
  }
  return true;
}

async function makeBundle(app, outdir) {
  const { inputs } = await bundle({
    entryPoints: {
      ...Object.fromEntries(SERVICES[app].map((name) => [name, `apps/${app}/dist/${name}.js`])),
      [TRACES]: 'libs/process/dist/traces/trace-sdk.js',
    },
    external: OPTIONAL,
    sourcemap: 'linked',
    sourcesContent: false,
    loader: { '.node': 'copy' },
    plugins: [nativeOfThisPlatform, tracesApart],
    outdir,
  });
  await writeFile(path.join(outdir, MADE), `This program contains these packages.\n\n${await thirdParty(Object.keys(inputs))}`);
}

/** Replaces a folder's files one by one, because a program may be starting from there, or another build be in progress. */
async function replaceFiles(from, to) {
  await mkdir(to, { recursive: true });
  const names = (await readdir(from)).sort((a, b) => rank(a) - rank(b));
  for (const name of names) {
    await cp(path.join(from, name), path.join(to, `.${process.pid}.${name}`), { preserveTimestamps: true }); // the temporary folder may be on another disk
    await rename(path.join(to, `.${process.pid}.${name}`), path.join(to, name));
  }
  for (const name of await readdir(to))
    if (!names.includes(name) && !name.startsWith('.')) await rm(path.join(to, name), { force: true });
}

/** The order of files: addons and traces before the programs that load them, and last the file whose time is that of the bundle. */
const rank = (name) => (name.endsWith('.node') || name.startsWith(TRACES) ? 0 : name === MADE ? 2 : 1);

/** Bundles the services that changed: `apps/NAME/bundle/`. @returns how many were bundled */
export async function bundleServices() {
  const made = await Promise.all(Object.keys(SERVICES).map(bundleService));
  return made.filter(Boolean).length;
}
