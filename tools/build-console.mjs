// Builds the console, `apps/console/dist/`: one page, and assets with a hash in their names. Each is compressed here, once and with the
// highest level, so that the gateway only sends files. `build()` calls it; it takes some four seconds, and no time if nothing changed.
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import { thirdParty } from './bundle.mjs';

const root = path.join(path.dirname(fileURLToPath(import.meta.url)), '..');
const app = path.join(root, 'apps', 'console');
const dist = path.join(app, 'dist');
/** What the console is built from besides its own folder. */
const SOURCES = [
  'package-lock.json',
  'tsconfig.base.json',
  'tools/build-console.mjs',
  'libs/domain/src',
  'libs/sdk/src',
  'apps/console',
];
/** Written last, with the time at which the build began. */
const MADE = 'THIRD-PARTY.txt';

/** When any source of the console was last changed, in milliseconds since 1970. */
async function changedAt() {
  const times = SOURCES.map(async (source) => {
    const full = path.join(root, source);
    const found = await stat(full);
    if (!found.isDirectory()) return found.mtimeMs;
    const files = (await readdir(full, { recursive: true })).filter(
      (file) => !/^(dist|out-tsc)(\/|$)|\.spec\.tsx?$|\.tsbuildinfo$/.test(file),
    );
    return Math.max(...(await Promise.all(files.map(async (file) => (await stat(path.join(full, file))).mtimeMs))));
  });
  return Math.max(...(await Promise.all(times)));
}

/** Writes `FILE.br` and `FILE.gz` beside each asset that is worth compressing. */
async function compress(folder) {
  for (const name of await readdir(folder)) {
    if (!/\.(js|css|svg)$/.test(name)) continue;
    const file = path.join(folder, name);
    const bytes = await readFile(file);
    const [br, gz] = await Promise.all([
      promisify(brotliCompress)(bytes, { params: { [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } }),
      promisify(gzip)(bytes, { level: 9 }),
    ]);
    await Promise.all([writeFile(`${file}.br`, br), writeFile(`${file}.gz`, gz)]);
  }
}

/** Builds the console if any of its sources changed. @returns whether it was built */
export async function buildConsole() {
  const made = await stat(path.join(dist, MADE)).catch(() => undefined);
  if (made !== undefined && made.mtimeMs > (await changedAt())) return false;
  const begun = new Date();
  const staging = path.join(app, `dist.${process.pid}`);
  try {
    const { build } = await import('vite');
    const { output } = await build({
      root: app,
      configFile: path.join(app, 'vite.config.ts'),
      logLevel: 'warn',
      build: { outDir: staging, emptyOutDir: true },
    });
    await compress(path.join(staging, 'assets'));
    const inputs = output.flatMap(({ moduleIds = [] }) => moduleIds).filter((id) => id.includes('node_modules/'));
    const text = await thirdParty(inputs.map((id) => path.relative(root, id.replace(/^\0|\?.*$/g, ''))));
    await writeFile(path.join(staging, MADE), `The console contains these packages.\n\n${text}`);
    await utimes(path.join(staging, MADE), begun, begun); // so sources that change during the build are newer
    await mkdir(dist, { recursive: true });
    const old = path.join(app, `dist.${process.pid}.old`);
    await rename(dist, old);
    await rename(staging, dist);
    await rm(old, { recursive: true });
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
  return true;
}
