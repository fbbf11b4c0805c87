import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** The agent's package. It is read once, so that the checksum shown is always that of the bytes served. */
export interface AgentPackage {
  readonly version: string;
  readonly bytes: Buffer;
  /** In hexadecimal. */
  readonly sha256: string;
}

/**
 * Reads the package `sluice-agent-VERSION.tgz` from the folder into which `npm run build` puts it.
 * @returns undefined when there is no package; a gateway works without one
 * @throws Error when there are several, because it is unclear which one to serve
 */
export function readAgentPackage(folder: string | undefined): AgentPackage | undefined {
  const found = (folder === undefined ? [] : namesIn(folder)).flatMap((name) => {
    const version = /^sluice-agent-(\d[\w.+-]*)\.tgz$/.exec(name)?.[1];
    return version === undefined ? [] : [{ name, version }];
  });
  if (found.length > 1)
    throw new Error(
      `${folder} (SLUICE_AGENT_PACKAGE) contains several packages of the agent: ${found.map(({ name }) => name).join(', ')}`,
    );
  const [one] = found;
  if (folder === undefined || one === undefined) return undefined;
  const bytes = readFileSync(path.join(folder, one.name));
  return { version: one.version, bytes, sha256: createHash('sha256').update(bytes).digest('hex') };
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
