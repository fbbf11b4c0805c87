import { expect, it } from 'vitest';
import { HealthBoard } from './health-board.js';

const at = (ms: number) => new Date(ms).toISOString();

it('shows the last check with its round trip at least once a minute, even if nothing changed', () => {
  const board = new HealthBoard();
  board.nameNode('n', 'relay-1');
  expect(board.note('r', 'n', undefined, 1000, 12)).toMatchObject({ turned: true });
  expect(board.note('r', 'n', undefined, 31_000, 13)).toBeUndefined();
  const shown = board.note('r', 'n', undefined, 61_000, 14);
  expect(shown).toMatchObject({ turned: false, health: { nodes: [{ checkedAt: at(61_000), roundTripMs: 14 }] } });
  expect(board.note('r', 'n', undefined, 62_000, 15)).toBeUndefined();
});

it('keeps the round trip of the last probe when a session or a failure is noted', () => {
  const board = new HealthBoard();
  board.note('r', 'n', undefined, 1000, 12);
  board.note('r', 'n', undefined, 2000);
  board.note('r', 'n', 'connect refused', 3000, 99);
  expect(board.show('r').nodes).toEqual([
    {
      nodeId: 'n',
      nodeName: 'n',
      state: 'healthy',
      checkedAt: at(3000),
      roundTripMs: 12,
      lastError: 'connect refused',
      lastErrorAt: at(3000),
    },
  ]);
});
