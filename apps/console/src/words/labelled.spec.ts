import { expect, it } from 'vitest';
import { labelled } from './labelled.js';

it('names fields as the form does', () => {
  const labels = { idleTimeoutSeconds: 'Idle timeout, seconds', name: 'Display name' };
  expect(labelled('idleTimeoutSeconds is a whole number', labels)).toBe('"Idle timeout, seconds" is a whole number');
  expect(labelled('there is no field "idleTimeoutSeconds"', labels)).toBe('there is no field "Idle timeout, seconds"');
  expect(labelled('the name is given to idleTimeoutSecondsOfAll', labels)).toBe('the name is given to idleTimeoutSecondsOfAll');
  expect(labelled('toString and hasOwnProperty', labels)).toBe('toString and hasOwnProperty');
});
