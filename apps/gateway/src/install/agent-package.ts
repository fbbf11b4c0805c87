import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** The agent's package as it is handed out. It is read once, so that the checksum shown is that of the bytes served. */
export interface AgentPackage {
  readonly version: string;
  readonly bytes: Buffer;
  /** In hexadecimal. */
  readonly sha256: string;
}

/**
 * Reads the package from the folder that `npm run build` leaves it in, as `sluice-agent-VERSION.tgz`.
 * @returns undefined when there is no package: a gateway works without it
 * @throws Error where there are several, because nobody could say which one is meant
 */
export function readAgentPackage(folder: string | undefined): AgentPackage | undefined {
  const found = (folder === undefined ? [] : namesIn(folder)).flatMap((name) => {
    const version = /^sluice-agent-(\d[\w.+-]*)\.tgz$/.exec(name)?.[1];
    return version === undefined ? [] : [{ name, version }];
  });
  if (found.length > 1)
    throw new Error(
      `${folder} (SLUICE_AGENT_PACKAGE) holds several packages of the agent: ${found.map(({ name }) => name).join(', ')}`,
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
