import { setTimeout as sleep } from 'node:timers/promises';
import type { Party } from './party.js';

/** A case: what either side does. They begin once both have the connection. */
export interface Case {
  readonly name: string;
  readonly client: (party: Party) => Promise<void> | void;
  readonly target: (party: Party) => Promise<void> | void;
  /** The connection is reset: what arrived before is a prefix of what was sent, and no more is promised. */
  readonly resets?: true;
  /** How many connections, and how many of them at once; one if absent. */
  readonly times?: { readonly all: number; readonly atOnce: number };
  /** Takes too long for every run. */
  readonly long?: true;
}

const KIB = 1024;
const MIB = 1024 * KIB;

/** Sends, ends, and takes whatever comes. */
const giveAndEnd = (bytes: number) => async (party: Party) => {
  await party.send(bytes);
  party.end();
};
/** Ends when the other side has ended. */
const endAfterEnd = async (party: Party) => {
  await party.untilEnd();
  party.end();
};
/** Answers so long after the other side's end. */
const answerAfterEnd = (ms: number, bytes: number) => async (party: Party) => {
  await party.untilEnd();
  await sleep(ms);
  await giveAndEnd(bytes)(party);
};
const edge = (bytes: number): Case => ({ name: `${bytes} bytes each way`, client: giveAndEnd(bytes), target: giveAndEnd(bytes) });
const stalled = (seconds: number, long: { long?: true }): Case => ({
  name: `a client that stops reading for ${seconds} s and continues`,
  client: async (party) => {
    await party.stall(seconds * 1000);
    await endAfterEnd(party);
  },
  target: giveAndEnd(32 * MIB),
  ...long,
});
const stalledTarget = (seconds: number, long: { long?: true }): Case => ({
  name: `a target that stops reading for ${seconds} s and continues`,
  client: giveAndEnd(32 * MIB),
  target: async (party) => {
    await party.stall(seconds * 1000);
    await endAfterEnd(party);
  },
  ...long,
});
const silence = (seconds: number, long: { long?: true }): Case => ({
  name: `${seconds} s of silence, then an answer`,
  client: async (party) => {
    await party.send(10);
    await party.until(10);
    await sleep(seconds * 1000);
    await giveAndEnd(10)(party);
  },
  target: async (party) => {
    await party.until(10);
    await party.send(10);
    await party.untilEnd();
    await giveAndEnd(10)(party);
  },
  ...long,
});
const short = (all: number, long: { long?: true }): Case => ({
  name: `${all} short connections, 20 at once`,
  client: giveAndEnd(700),
  target: answerAfterEnd(0, 1400),
  times: { all, atOnce: 20 },
  ...long,
});
const long = { long: true } as const;

/** Every way in which a TCP connection is used that somebody will use. */
export const CASES: readonly Case[] = [
  { name: 'the client ends first', client: giveAndEnd(100_000), target: answerAfterEnd(0, 300_000) },
  { name: 'the target ends first', client: answerAfterEnd(0, 300_000), target: giveAndEnd(100_000) },
  { name: 'both end at once', client: giveAndEnd(65_000), target: giveAndEnd(65_000) },
  { name: 'an answer 1 s after the end', client: giveAndEnd(8), target: answerAfterEnd(1000, 100_000) },
  { name: 'an answer 30 s after the end', client: giveAndEnd(8), target: answerAfterEnd(30_000, 100_000), ...long },
  { name: 'no byte at all', client: giveAndEnd(0), target: giveAndEnd(0) },
  { name: 'one byte each way', client: giveAndEnd(1), target: answerAfterEnd(0, 1) },
  edge(64 * KIB - 1),
  edge(64 * KIB),
  edge(64 * KIB + 1),
  {
    name: 'the target speaks first',
    client: async (party) => {
      await party.until(1000);
      await giveAndEnd(1000)(party);
    },
    target: async (party) => {
      await party.send(1000);
      await endAfterEnd(party);
    },
  },
  { name: 'the target never speaks', client: giveAndEnd(100_000), target: endAfterEnd },
  { name: 'the client resets before a byte', client: (party) => party.reset(), target: () => undefined, resets: true },
  { name: 'the target resets before a byte', client: () => undefined, target: (party) => party.reset(), resets: true },
  {
    name: 'the client resets after bytes both ways',
    client: async (party) => {
      await party.send(50_000);
      await party.until(50_000);
      party.reset();
    },
    target: (party) => party.send(50_000),
    resets: true,
  },
  {
    name: 'the target resets after bytes both ways',
    client: (party) => party.send(50_000),
    target: async (party) => {
      await party.send(50_000);
      await party.until(50_000);
      party.reset();
    },
    resets: true,
  },
  {
    name: 'the client resets in the middle of a stream to it',
    client: async (party) => {
      await party.until(5 * MIB);
      party.reset();
    },
    target: (party) => party.send(64 * MIB),
    resets: true,
  },
  {
    name: 'the target resets in the middle of a stream to it',
    client: (party) => party.send(64 * MIB),
    target: async (party) => {
      await party.until(5 * MIB);
      party.reset();
    },
    resets: true,
  },
  { name: '200 MiB up', client: giveAndEnd(200 * MIB), target: endAfterEnd },
  { name: '200 MiB down', client: endAfterEnd, target: giveAndEnd(200 * MIB) },
  { name: '5 GiB up', client: giveAndEnd(5 * KIB * MIB), target: endAfterEnd, ...long },
  { name: '5 GiB down', client: endAfterEnd, target: giveAndEnd(5 * KIB * MIB), ...long },
  { name: '64 MiB both ways at once', client: giveAndEnd(64 * MIB), target: giveAndEnd(64 * MIB) },
  { name: '1 GiB both ways at once', client: giveAndEnd(KIB * MIB), target: giveAndEnd(KIB * MIB), ...long },
  stalled(3, {}),
  stalledTarget(3, {}),
  stalled(30, long),
  stalledTarget(30, long),
  silence(4, {}),
  silence(600, long),
  short(1000, {}),
  short(10_000, long),
];
