import { chmodSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** A folder of a test's own that PostgreSQL, run as another user, can pass through. */
export function testFolder(prefix: string): string {
  const folder = mkdtempSync(path.join(tmpdir(), `sluice-${prefix}-`));
  chmodSync(folder, 0o711);
  return folder;
}
