import { expect, it } from 'vitest';
import { readGreeting, replyToMysql } from './greeting.js';

const packet = (number: number, payload: string): Buffer => {
  const body = Buffer.from(payload, 'latin1');
  return Buffer.concat([Buffer.from([body.length, 0, 0, number]), body]);
};
/** What MariaDB and MySQL begin with, the plugin's name last. */
const mysqlGreeting = (plugin: string) => packet(0, `\n10.11.19-MariaDB\0abcdefgh\0\xff\xf7${'\0'.repeat(20)}salt\0${plugin}\0`);

it.each([
  ['SSH-2.0-OpenSSH_9.2p1\r\n', 'ssh', 'SSH-2.0-Sluice_check\r\n'],
  ['220 mail.example.com ESMTP\r\n', 'smtp', 'QUIT\r\n'],
  ['220-ftp.example.com\r\n', 'smtp', 'QUIT\r\n'],
  ['* OK IMAP4rev1\r\n', 'other', ''],
  ['\0', 'incomplete', undefined],
  ['RFB 003.008\n', 'other', ''],
])('reads %j as %s, and replies %j', (text, protocol, reply) => {
  const greeting = readGreeting(Buffer.from(text));
  if (greeting.kind === 'greeted') expect([greeting.protocol, greeting.reply.toString()]).toEqual([protocol, reply]);
  else expect([greeting.kind, reply]).toEqual([protocol, undefined]);
});

it('signs in to MySQL with the plugin that the greeting names, once the greeting is complete', () => {
  const bytes = mysqlGreeting('caching_sha2_password');
  for (let length = 0; length < bytes.length; length++)
    expect(readGreeting(bytes.subarray(0, length))).toEqual({ kind: 'incomplete' });
  const greeting = readGreeting(bytes);
  const reply = greeting.kind === 'greeted' ? greeting.reply : expect.fail();
  expect(reply.subarray(36).toString()).toBe('sluice-check\0\0caching_sha2_password\0');
  expect([reply.readUIntLE(0, 3), reply[3]]).toEqual([reply.length - 4, 1]);
});

it('says that MySQL turned the relay away, with the number of the error and no text', () => {
  expect(readGreeting(packet(0, "\xff\x69\x04Host 'x' is blocked"))).toEqual({ kind: 'rejected', why: 'MySQL error 1129' });
});

it('gives no password for another plugin either, and quits where the account exists', () => {
  expect(replyToMysql(packet(2, '\xfemysql_native_password\0'))).toEqual(packet(3, ''));
  expect(replyToMysql(packet(2, '\0\0\0\x02\0\0\0'))).toEqual(packet(0, '\x01'));
  expect(replyToMysql(packet(2, '\xff\x15\x04#28000Access denied')).length).toBe(0);
  expect(replyToMysql(Buffer.from([1])).length).toBe(0);
});
