import { expect, it } from 'vitest';
import type { SessionFact } from './sessions.js';
import { timeLineOf } from './time-line.js';

const fact = (kind: string, at: string, number: number | null, data: object): SessionFact => ({
  ...{
    id: `${kind}-${at}`,
    kind,
    author: 'a',
    incarnation: 'i',
    number,
    previous: null,
    hash: '',
    signed: false,
    receivedAt: at,
  },
  ...{ at, data },
});
const FACTS = [
  fact('closed', '2026-01-01T00:00:20Z', 9, { endReason: 'idle', bytesUp: 2048, bytesDown: 5 }),
  fact('checkpoint', '2026-01-01T00:00:10Z', null, { bytesUp: 2, bytesDown: 2 }),
  fact('opened', '2026-01-01T00:00:01Z', 7, { dialledAddress: '10.0.0.7:5432' }),
  fact('checkpoint', '2026-01-01T00:00:05Z', null, { bytesUp: 1, bytesDown: 1 }),
];
const running = {
  ...({ startedAt: '2026-01-01T00:00:00Z', endedAt: null, state: 'live', outcome: null, endReason: null } as const),
  relay: { id: 'r', name: 'relay' },
};

it('shows the life of a session in order, with the numbers of its facts and the last of its checkpoints', () => {
  const moments = timeLineOf(
    { ...running, endedAt: '2026-01-01T00:00:20Z', state: 'final', outcome: 'completed', endReason: 'idle' },
    FACTS,
  );
  expect(moments.map(({ title, details, number }) => [title, details, number])).toEqual([
    ['Requested and decided', '', null],
    ['Dialled and opened', 'dialled 10.0.0.7:5432', 7],
    ['The last of 2 checkpoints', '2 B up, 2 B down', null],
    ['Ended', '2 KiB up, 5 B down; idle', 9],
  ]);
});

it('has an attempt that no relay answered', () => {
  const unanswered = fact('unanswered', '2026-01-01T00:00:02Z', 3, { agent: { reason: 'no relay' } });
  const moments = timeLineOf({ ...running, relay: null, state: 'final', endedAt: '2026-01-01T00:00:02Z' }, [unanswered]);
  expect(moments.map(({ title, details }) => [title, details])).toEqual([
    ['Attempted', ''],
    ['No relay answered', 'no relay'],
  ]);
});

it('has the end of the record where no fact that was read has it', () => {
  const presumed = { ...running, endedAt: '2026-01-01T00:00:10Z', state: 'presumed ended', endReason: 'relay lost' } as const;
  const moments = timeLineOf(presumed, FACTS.slice(1), false);
  expect(moments.map(({ title }) => title)).toEqual([
    'Requested and decided',
    'Dialled and opened',
    'The last of the first 2 checkpoints',
    'Presumed ended',
  ]);
  expect(moments.at(-1)).toMatchObject({ details: 'relay lost', number: null });
  expect(timeLineOf(running, []).map(({ title }) => title)).toEqual(['Requested and decided']);
});
