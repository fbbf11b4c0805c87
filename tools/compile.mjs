// Compiles every app and lib except the console (build-console.mjs) from src/ to dist/ with swc: in one process, only changed files; a full build takes about a second.
// Types are checked by `npm run check` (tsc, through Nx); see docs/adr/0003.
import { mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { transformFile } from '@swc/core';

const root = path.join(path.dirname(fileURLToPath(import.meta.url)), '..');
const options = {
  swcrc: false,
  module: { type: 'es6' },
  sourceMaps: true,
  jsc: {
    target: 'es2022',
    parser: { syntax: 'typescript', decorators: true },
    transform: { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: true },
    externalHelpers: false,
  },
};

const mtime = async (file) => (await stat(file).catch(() => undefined))?.mtimeMs ?? 0;

async function compileProject(project) {
  const src = path.join(project, 'src');
  const dist = path.join(project, 'dist');
  const files = (await readdir(src, { recursive: true }).catch(() => [])).filter(
    (f) => f.endsWith('.ts') && !f.endsWith('.spec.ts'),
  );
  const wanted = new Set(files.flatMap((f) => [f.replace(/\.ts$/, '.js'), f.replace(/\.ts$/, '.js.map')]));
  const present = (await readdir(dist, { recursive: true }).catch(() => [])).filter((f) => /\.js(\.map)?$/.test(f));
  await Promise.all(present.filter((f) => !wanted.has(f)).map((f) => rm(path.join(dist, f))));
  const own = await mtime(fileURLToPath(import.meta.url));
  const compiled = await Promise.all(
    files.map(async (file) => {
      const from = path.join(src, file);
      const to = path.join(dist, file.replace(/\.ts$/, '.js'));
      if ((await mtime(to)) > Math.max(await mtime(from), own)) return 0;
      const { code, map } = await transformFile(from, { ...options, filename: from });
      await mkdir(path.dirname(to), { recursive: true });
      await writeFile(`${to}.map`, map);
      await writeFile(to, `${code}\n//# sourceMappingURL=${path.basename(to)}.map\n`);
      return 1;
    }),
  );
  return compiled.reduce((a, b) => a + b, 0);
}

/** What `sluice` runs in place of the compiled files if it exists (package-agent.mjs). */
const packaged = path.join(root, 'apps', 'agent', 'packed', 'package');

/** Compiles what changed, and removes the agent's package if that was made of something else. @returns how many files were written. */
export async function compile() {
  const projects = [];
  for (const kind of ['libs', 'apps']) {
    for (const name of await readdir(path.join(root, kind))) if (name !== 'console') projects.push(path.join(root, kind, name));
  }
  const compiled = (await Promise.all(projects.map(compileProject))).reduce((a, b) => a + b, 0);
  if (compiled > 0) await rm(packaged, { recursive: true, force: true });
  return compiled;
}
