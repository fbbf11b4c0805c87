import { expect, it } from 'vitest';
import { checkText } from './check-text.js';

const node = { nodeId: 'a', nodeName: 'relay-1', state: 'healthy' } as const;
const check = { state: 'healthy', nodes: [node], checkedBy: 'relay-1', nextCheckAllowedAt: new Date(0).toISOString() } as const;

it('says which relay reaches the server, or does not', () => {
  expect(checkText({ ...check, nodes: [node] })).toBe('relay-1 reaches it');
  expect(checkText({ ...check, nodes: [{ ...node, state: 'unhealthy' }] })).toBe('relay-1 does not reach it');
});

it('says why nobody has checked it now', () => {
  const soon = new Date(Date.now() + 4500).toISOString();
  expect(checkText({ ...check, nodes: [], checkedBy: null, nextCheckAllowedAt: soon })).toBe(
    'Checked moments ago; again possible in 5 s',
  );
  expect(checkText({ ...check, nodes: [], checkedBy: null })).toBe('No relay of its proxy cluster responds');
});
