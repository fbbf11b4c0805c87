import { expect, it } from 'vitest';
import { clientAddressSpellings } from './client-address.js';

it.each([
  ['10.0.0.7', ['10.0.0.7:', '[::ffff:10.0.0.7]:', '[0:0:0:0:0:ffff:a00:7]:']],
  ['::ffff:10.0.0.7', ['10.0.0.7:', '[::ffff:10.0.0.7]:', '[0:0:0:0:0:ffff:a00:7]:']],
  ['10.0.0.7:5000', ['10.0.0.7:5000', '[::ffff:10.0.0.7]:5000', '[0:0:0:0:0:ffff:a00:7]:5000']],
  ['2001:DB8::7', ['[2001:db8:0:0:0:0:0:7]:', '[2001:db8::7]:']],
  ['[2001:db8:0:0:1:0:0:7]:80', ['[2001:db8:0:0:1:0:0:7]:80', '[2001:db8::1:0:0:7]:80']],
  ['[::1]', ['[0:0:0:0:0:0:0:1]:', '[::1]:']],
  ['::', ['[0:0:0:0:0:0:0:0]:', '[::]:']],
  ['2001:db8:1:2:3:4:0:7', ['[2001:db8:1:2:3:4:0:7]:', '[2001:db8:1:2:3:4:0:7]:']],
])('writes %s as records do', (text, spellings) => expect(clientAddressSpellings(text)).toEqual(spellings));

it.each(['', '10.0.0.', '10.0.0', '010.0.0.7', 'localhost', 'localhost:80', '10.0.0.7:99999', '%', '2001:db8::7::1'])(
  'takes "%s" for no address',
  (text) => expect(clientAddressSpellings(text)).toBeUndefined(),
);
