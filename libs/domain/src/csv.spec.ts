import { expect, it } from 'vitest';
import { csvRow, csvRowOf } from './csv.js';

it('quotes what has commas and quotes, and leaves absent cells empty', () => {
  expect(csvRow([1, -2.5, true, 'a "b", c', null, undefined, { env: 'prod' }, [], ''])).toBe(
    '1,-2.5,true,"a ""b"", c",,,"{""env"":""prod""}",[],',
  );
});

it.each(['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r\n=1', '\u200b=1', '＝1', '＠A'])('has no formula in %j', (text) => {
  expect(csvRow([text])).toMatch(/^'/);
});

it('has no formula where a spreadsheet separates cells by semicolons', () => {
  expect(csvRow(['id', ';=1+1;+2;x'])).toBe("id,;'=1+1;'+2;x");
});

it('has one line for each row, and nothing that controls a terminal', () => {
  expect(csvRow(['a\r\nb', 'c\u2028d', '\u001b[31me\u202e'])).toBe('ab,cd,[31me');
});

it('finds the fields of objects by their paths', () => {
  const item: { id: number; owner: { name: string } | null; tags: Record<string, string> } = {
    id: 1,
    owner: null,
    tags: { a: 'b' },
  };
  expect(csvRowOf(item, ['id', 'owner.name', 'tags'])).toBe('1,,"{""a"":""b""}"');
  expect(csvRowOf({ ...item, owner: { name: 'ada' } }, ['owner.name', 'id'])).toBe('ada,1');
});
