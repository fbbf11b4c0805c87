import { expect, it } from 'vitest';
import { isHostPort } from './host-port.js';

it.each(['relay:8443', '10.1.2.3:1', '[::1]:65535', 'a-b.example:80'])('accepts %s', (text) =>
  expect(isHostPort(text)).toBe(true),
);

it.each([
  'nothing',
  '',
  ':1',
  'a:0',
  'a:65536',
  'a:99999',
  '[::',
  '[::1]',
  '::1:80',
  'a b:1',
  'a:1 ',
  'a:-1',
  'a:1x',
  '[::::]:1',
  '\u0000:1',
  'http//x:1',
  '%:80',
  'a\u202eb:80',
])('refuses "%s"', (text) => expect(isHostPort(text)).toBe(false));
