// `npm run build`: compiles what changed (compile.mjs), then builds what is out of date: the services' bundles
// (bundle.mjs), the agent's package (package-agent.mjs) and the console (build-console.mjs).
import { fileURLToPath } from 'node:url';
import { buildConsole } from './build-console.mjs';
import { bundleServices } from './bundle.mjs';
import { compile } from './compile.mjs';
import { packageAgent } from './package-agent.mjs';

/** Builds what changed. @returns how many files were compiled, how many services bundled */
export async function build() {
  const console = buildConsole(); // it is built from the sources, so it need not wait
  console.catch(() => undefined); // handled below
  const compiled = await compile();
  const [bundled] = await Promise.all([bundleServices(), packageAgent(), console]);
  return { compiled, bundled };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const started = performance.now();
  const { compiled, bundled } = await build();
  console.log(`compiled ${compiled} files, bundled ${bundled} services in ${Math.round(performance.now() - started)} ms`);
}
