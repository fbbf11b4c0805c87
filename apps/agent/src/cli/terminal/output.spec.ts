import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import { type Format, Output } from './output.js';
import { formatTable } from './table.js';

interface Thing {
  id: number;
  name: string;
  tags: Record<string, string>;
  on: boolean;
}
const things: Thing[] = [
  { id: 1, name: '=cmd()', tags: { env: 'prod' }, on: true },
  { id: 2, name: 'plain, with a comma', tags: {}, on: false },
];

function printed(format: Format, print: (out: Output) => void): string {
  const screen = new PassThrough();
  print(new Output(format, screen));
  return String(screen.read() ?? '');
}
const list = (out: Output) => out.list(things, ['ID', 'NAME'], (thing) => [thing.id, thing.name], 'none');

it('prints a list as a table for people, and whole for programs', () => {
  expect(printed('table', list)).toBe('ID  NAME\n1   =cmd()\n2   plain, with a comma\n');
  expect(JSON.parse(printed('json', list))).toEqual(things);
  expect(printed('yaml', list)).toContain('- id: 1\n  name: =cmd()\n  tags:\n    env: prod\n');
});

it('prints CSV with a column for each field, and no formula that a name could be taken for', () => {
  expect(printed('csv', list)).toBe(`id,name,tags.env,on\n1,'=cmd(),prod,true\n2,"plain, with a comma",,false\n`);
});

it('prints sentences for people only', () => {
  const done = (out: Output) => out.done({ id: 1 }, 'Done\u001b[31m.');
  expect(printed('table', done)).toBe('Done[31m.\n');
  expect(JSON.parse(printed('json', done))).toEqual({ id: 1 });
  expect(printed('csv', (out) => out.line('a note'))).toBe('');
});

it('wraps long cells of a table if the terminal is narrow, and loses nothing', () => {
  const screen = Object.assign(new PassThrough(), { isTTY: true, columns: 40 });
  const text = 'a long message that does not fit '.repeat(4);
  const id = '0b7f6a52-8a65';
  const table = formatTable(['ID', 'MESSAGE', 'STATE'], [[id, text, 'healthy']], screen);
  const lines = table.replaceAll(/\u001b\[\d+m/g, '').split('\n');
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(40);
  expect(lines[1]).toContain(id);
  expect(lines.slice(1).join('').replaceAll(/\s/g, '')).toContain('doesnotfit');
  expect(formatTable(['ID', 'MESSAGE'], [[id, text]], new PassThrough()).split('\n')).toHaveLength(2);
});
