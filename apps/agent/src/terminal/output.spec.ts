import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import { minor, whole } from './fit-columns.js';
import { type Format, type Listing, Output } from './output.js';
import { formatTable } from './table.js';

interface Thing {
  id: number;
  name: string;
  tags: Record<string, string>;
  on: boolean;
  owner?: { name: string } | null;
}
const things: Thing[] = [
  { id: 1, name: '=cmd()', tags: { env: 'prod' }, on: true, owner: { name: 'ada' } },
  { id: 2, name: 'plain, with a comma', tags: {}, on: false },
];

function printed(format: Format, print: (out: Output) => void): string {
  const screen = new PassThrough();
  print(new Output(format, screen));
  return String(screen.read() ?? '');
}
const listing: Listing<Thing> = {
  head: ['ID', 'NAME'],
  row: (thing) => [thing.id, thing.name],
  empty: 'none',
  csv: ['id', 'name', 'tags', 'on', 'owner.name'],
};
const list = (out: Output) => out.list(things, listing);

it('prints a list as a table for people, and whole for programs', () => {
  expect(printed('table', list)).toBe('ID  NAME\n1   =cmd()\n2   plain, with a comma\n');
  expect(JSON.parse(printed('json', list))).toEqual(things);
  expect(printed('yaml', list)).toContain('- id: 1\n  name: =cmd()\n  tags:\n    env: prod\n');
});

it('prints CSV whose columns are the same whatever there is, and no formula that a name could be taken for', () => {
  const head = 'id,name,tags,on,owner.name\n';
  expect(printed('csv', list)).toBe(`${head}1,'=cmd(),"{""env"":""prod""}",true,ada\n2,"plain, with a comma",{},false,\n`);
  expect(printed('csv', (out) => out.list([], listing))).toBe(head);
  const one = (out: Output) =>
    out.value({ any: 'answer' }, () => undefined, { items: things.slice(1), columns: ['id', 'owner.name'] });
  expect(printed('csv', one)).toBe('id,owner.name\n2,\n');
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

it('never breaks what people copy, and leaves out minor columns first, by their order, and says which', () => {
  const id = '0b7f6a52-8a65-4a30-8d7c-6c1d2a6f1f10';
  const head = ['STARTED', 'ACCOUNT', minor('UP', 2), minor('OUTCOME', 1), whole('ID')];
  const row = ['2026-11-22 08:24:01Z', 'admin@sluice.local', '276 B', 'completed', id];
  const linesAt = (columns: number) =>
    formatTable(head, [row], Object.assign(new PassThrough(), { isTTY: true, columns }))
      .replaceAll(/\u001b\[\d+m/g, '')
      .split('\n');
  expect(linesAt(120)).toHaveLength(2);
  const at80 = linesAt(80);
  expect(at80[0]).toMatch(/^STARTED +ACCOUNT +ID$/);
  expect(at80[1]).toContain(id);
  expect(at80.at(-1)).toBe('(no room for UP, OUTCOME; a wider terminal or -o yaml has them)');
  expect(Math.max(...at80.map((line) => line.length))).toBeLessThanOrEqual(80);
  expect(linesAt(88)[0]).toMatch(/^STARTED +ACCOUNT +OUTCOME +ID$/);
  expect(linesAt(20).join('\n')).toContain(id); // wider than the terminal, and whole all the same
});

it('prints nothing that controls a terminal, in any format', () => {
  const name = 'a\u009b31mb\u202ec';
  const hostile: Thing[] = [{ id: 1, name, tags: { [name]: name }, on: true }];
  const of = (format: Format) => printed(format, (out) => out.list(hostile, listing));
  for (const format of ['table', 'json', 'yaml', 'csv'] as const) expect(of(format)).toMatch(/^[ -~\n]+$/);
  for (const format of ['json', 'yaml'] as const) expect(JSON.parse(of(format))).toEqual(hostile);
});
