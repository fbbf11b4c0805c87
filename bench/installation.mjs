// A whole installation for a bench, in a home that goes with it.
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort, Installation } from '@sluice/embedded';
import { nodeRuntime } from '@sluice/process';
import { handleOf, TestSystem } from '@sluice/testing';

const root = path.join(path.dirname(fileURLToPath(import.meta.url)), '..');

/** Starts one. @param env of its processes, by their names */
export async function startInstallation(env = {}) {
  const home = mkdtempSync(path.join(tmpdir(), 'sluice-bench-'));
  chmodSync(home, 0o711);
  const installation = await Installation.start({
    root,
    home,
    httpPort: await freePort(),
    tunnelPort: await freePort(),
    restart: false,
    runtime: nodeRuntime(process.env.SLUICE_NODE),
    env,
    say: () => undefined,
  });
  const stop = async () => {
    await installation.stop();
    rmSync(home, { recursive: true, force: true });
  };
  try {
    return { installation, home, system: await TestSystem.use(handleOf(installation)), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
