import { chmodSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** Creates a folder for a test that PostgreSQL, which may run as another user, can traverse. */
export function testFolder(prefix: string): string {
  const folder = mkdtempSync(path.join(tmpdir(), `sluice-${prefix}-`));
  chmodSync(folder, 0o711);
  return folder;
}
