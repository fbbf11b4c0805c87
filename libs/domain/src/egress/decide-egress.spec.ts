import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type AddressBlock, blockHolds, formatIpv4, parseBlock } from '../network/ip.js';
import { decideEgress, neverDialled } from './decide-egress.js';

const blocks = (...texts: string[]) => texts.map((text) => parseBlock(text) as AddressBlock);
const may = (address: string, allow: string[] = [], deny: string[] = []) =>
  decideEgress({ allow: blocks(...allow), deny: blocks(...deny) }, address).allowed;

it('never dials link-local, multicast and unspecified addresses, whatever is allowed', () => {
  for (const address of [
    '169.254.169.254',
    '224.0.0.1',
    '0.0.0.0',
    '255.255.255.255',
    'fe80::1',
    'ff02::1',
    '::',
    '::ffff:169.254.1.1',
  ]) {
    expect([address, may(address, ['0.0.0.0/0', '::/0'])]).toEqual([address, false]);
  }
});
it('denies what it cannot parse, the virtual subnet, and IPv6 forms that carry an IPv4 address', () => {
  for (const address of [
    '::1%lo',
    'fe80::1%eth0',
    '127.1',
    '0x7f.0.0.1',
    '',
    'localhost',
    '100.64.0.1',
    '100.127.255.255',
    '240.0.0.1',
    '64:ff9b::7f00:1',
    '64:ff9b:1::7f00:1',
    '2002:7f00:1::',
    '2001::1',
    '::127.0.0.1',
    '::7f00:1',
    '::ffff:100.64.0.1',
  ]) {
    expect([address, may(address, ['0.0.0.0/0', '::/0'])]).toEqual([address, false]);
  }
  expect([may('::1', ['::1']), may('2001:db8::1'), may('100.128.0.1')]).toEqual([true, true, true]);
});
it('dials its own loopback only where that is allowed', () => {
  expect([may('127.0.0.1'), may('::1'), may('127.0.0.1', ['127.0.0.0/8']), may('::ffff:127.0.0.1')]).toEqual([
    false,
    false,
    true,
    false,
  ]);
});
it('applies deny before allow, and takes an empty allow list to mean everything', () => {
  expect([
    may('10.0.0.1'),
    may('10.0.0.1', ['10.0.0.0/8']),
    may('10.0.0.1', ['10.0.0.0/8'], ['10.0.0.1']),
    may('11.0.0.1', ['10.0.0.0/8']),
  ]).toEqual([true, true, false, false]);
});

/** `SLUICE_FUZZ_RUNS` sets the number of runs; `SLUICE_FUZZ_SEED` repeats a run. */
const RUNS = Number(process.env['SLUICE_FUZZ_RUNS'] ?? 300);
const SEED = Number(process.env['SLUICE_FUZZ_SEED']);
const ipv4 = fc.nat(0xffff_ffff).map(BigInt);
const groups = (value: bigint) => `${(value >> 16n).toString(16)}:${(value & 0xffffn).toString(16)}`;
/** An IPv4 address in each form of IPv6 that carries one. */
const FORMS: Record<string, (v4: bigint) => string> = {
  'IPv4-compatible': (v4) => `::${formatIpv4(v4)}`,
  'IPv4-translated': (v4) => `::ffff:0:${formatIpv4(v4)}`,
  NAT64: (v4) => `64:ff9b::${formatIpv4(v4)}`,
  'local NAT64': (v4) => `64:ff9b:1:7::${groups(v4)}`,
  '6to4': (v4) => `2002:${groups(v4)}::1`,
  Teredo: (v4) => `2001:0:1::${groups(v4 ^ 0xffffffffn)}`,
  ISATAP: (v4) => `2001:db8::5efe:${formatIpv4(v4)}`,
  'ISATAP, global': (v4) => `fd00::200:5efe:${groups(v4)}`,
};
for (const [form, write] of Object.entries(FORMS)) {
  it(`dials no IPv4 address as ${form}, whatever is allowed (seed ${SEED})`, () => {
    fc.assert(
      fc.property(ipv4, (v4) => {
        const address = write(v4);
        expect(parseBlock(address), address).toBeDefined();
        expect(may(address, ['0.0.0.0/0', '::/0', address]) && address !== '::0.0.0.1').toBe(false);
      }),
      { numRuns: RUNS, seed: SEED },
    );
  });
}

it(`treats a mapped address and a mapped block like the IPv4 ones (seed ${SEED})`, () => {
  fc.assert(
    fc.property(ipv4, ipv4, fc.nat(32), fc.boolean(), (base, other, bits, near) => {
      const address = formatIpv4(near ? (base & ~0xffn) | (other & 0xffn) : other);
      const [plain, mapped] = blocks(`${formatIpv4(base)}/${bits}`, `::ffff:${formatIpv4(base)}/${96 + bits}`) as [
        AddressBlock,
        AddressBlock,
      ];
      expect(mapped).toEqual(plain);
      for (const way of [address, `::ffff:${address}`]) {
        expect(blockHolds(mapped, way)).toBe(blockHolds(plain, address));
        for (const rules of [
          { allow: [], deny: [mapped] },
          { allow: [mapped], deny: [] },
        ])
          expect(decideEgress(rules, way).allowed).toBe(
            decideEgress({ allow: rules.allow.map(() => plain), deny: rules.deny.map(() => plain) }, address).allowed,
          );
      }
    }),
    { numRuns: RUNS, seed: SEED },
  );
});

it('rejects a block that begins with a mapped address and extends beyond them, because such a rule would have no effect', () => {
  expect(['::ffff:10.0.0.0/95', '::ffff:10.0.0.0/8', '::ffff:0:0/0'].map(parseBlock)).toEqual([undefined, undefined, undefined]);
  expect(parseBlock('::/0')).toEqual({ family: 6, base: 0n, bits: 0 });
});

it("dials nothing in the organization's own virtual subnet, in any spelling, nor in the default one", () => {
  const [virtualSubnet] = blocks('10.99.0.0/16');
  const mayBeside = (address: string) => decideEgress({ allow: blocks('0.0.0.0/0'), deny: [], virtualSubnet }, address).allowed;
  expect(['10.99.0.1', '::ffff:10.99.255.255', '100.64.0.1'].map(mayBeside)).toEqual([false, false, false]);
  expect(['10.98.0.1', '10.100.0.0'].map(mayBeside)).toEqual([true, true]);
});

it('distinguishes what no relay dials from what its operator decides, by the address alone', () => {
  const never = [
    '169.254.1.1',
    '0.0.0.0',
    '239.1.2.3',
    '255.255.255.255',
    '100.64.0.1',
    '::',
    'ff02::1',
    '64:ff9b::1',
    '2002::1',
  ];
  for (const address of never) expect([address, neverDialled(address)]).toEqual([address, expect.stringMatching(/^is /)]);
  for (const address of ['127.0.0.1', '::1', '10.0.0.1', '2001:db8::1', 'db.example', '169.254.example'])
    expect([address, neverDialled(address)]).toEqual([address, undefined]);
  expect(neverDialled('10.99.0.1', blocks('10.99.0.0/16')[0])).toContain('virtual networks');
});
