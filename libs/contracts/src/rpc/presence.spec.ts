import { expect, it } from 'vitest';
import { Presence } from './presence.js';

const presence = (address: string | null) => Presence.parse({ name: 'relay', sessions: 0, draining: false, address }).address;

it.each(['10.1.2.3:8443', '[fd00::1]:8443', null])('has the address %s', (address) => expect(presence(address)).toBe(address));

it.each(['nothing', 'x:99999', '[::', '', 'a b:1'])('has no address when a node published "%s"', (address) => {
  expect(presence(address)).toBeNull();
});
