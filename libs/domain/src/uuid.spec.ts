import { expect, it } from 'vitest';
import { isUuid } from './uuid.js';

it('distinguishes ids from names', () => {
  for (const id of ['6f1c1b0e-7a51-4f0e-9d3b-0f7f1c1f6c01', '6F1C1B0E-7A51-8F0E-9D3B-0F7F1C1F6C01'])
    expect(isUuid(id)).toBe(true);
  for (const name of ['', 'edge', '6f1c1b0e7a514f0e9d3b0f7f1c1f6c01', '6f1c1b0e-7a51-4f0e-9d3b-0f7f1c1f6c01 ', 'g'.repeat(36)])
    expect(isUuid(name)).toBe(false);
});
