import { expect, it } from 'vitest';
import { factInWords } from './fact-words.js';

const inWords = (kind: string, data: unknown) => factInWords({ kind, data });

it.each([
  ['opened', { dialledAddress: '10.0.0.5:5432' }, 'dialled 10.0.0.5:5432'],
  [
    'closed',
    { dialledAddress: '10.0.0.5:5432', bytesUp: 5, bytesDown: 7, endReason: 'client closed' },
    '5 B up, 7 B down; client closed',
  ],
  ['refused', { endReason: 'no grant' }, 'no grant'],
  ['unanswered', { agent: { reason: 'no relay' } }, 'no relay'],
  ['novel', null, ''],
])('puts %s into words', (kind, data, words) => {
  expect(inWords(kind, data)).toBe(words);
});
