import { execFileSync } from 'node:child_process';
import type pg from 'pg';
import { expect } from 'vitest';

/** Everything that a database dump contains, as text. */
export async function dumpOf(owner: pg.Client): Promise<string> {
  const { rows: tables } = await owner.query<{ name: string }>(
    `select format('%I.%I', n.nspname, c.relname) as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where n.nspname in ('registry', 'audit') and c.relkind in ('r', 'p')`,
  );
  const texts: string[] = [];
  for (const { name } of tables) {
    const { rows } = await owner.query<{ text: string }>(`select to_jsonb(t)::text as text from ${name} t`);
    texts.push(...rows.map(({ text }) => text));
  }
  expect(tables.length).toBeGreaterThan(10);
  return texts.join('\n');
}

/** Files below a folder that contain a text, but for those whose very purpose is to hold a secret. */
export function filesWith(text: string, folder: string): string[] {
  const purpose = ['--exclude=admin-password', '--exclude=identity.json', '--exclude-dir=secrets'];
  try {
    return execFileSync('grep', ['-rlaF', ...purpose, '-e', text, folder], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    })
      .trim()
      .split('\n');
  } catch (error) {
    if ((error as { status?: number }).status === 1) return []; // nothing was found
    throw error;
  }
}
