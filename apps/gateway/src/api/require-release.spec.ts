import { ProblemError } from '@sluice/contracts';
import { RELEASE } from '@sluice/domain';
import { expect, it } from 'vitest';
import { requireRelease } from './require-release.js';

/** The problem of a request with this header, and the headers of the response. */
function ask(release: string | string[] | undefined) {
  const sent: unknown[] = [];
  try {
    requireRelease({ headers: release === undefined ? {} : { 'sluice-release': release } }, { header: (...of) => sent.push(of) });
    return { sent, problem: undefined };
  } catch (error) {
    return { sent, problem: (error as ProblemError).problem };
  }
}

it('accepts a program that does not say its release, and does not tell it ours', () => {
  expect(ask(undefined)).toEqual({ sent: [], problem: undefined });
});

it('tells a client that says its release ours', () => {
  expect(ask(RELEASE)).toEqual({ sent: [['sluice-release', RELEASE]], problem: undefined });
});

it('refuses a client that is too old, and tells it ours all the same', () => {
  const { sent, problem } = ask('0.0.9');
  expect(sent).toEqual([['sluice-release', RELEASE]]);
  expect(problem).toMatchObject({
    status: 403,
    code: 'upgrade_needed',
    title: 'the client runs 0.0.9: upgrade needed, at least 0.1.0',
  });
});

it.each([['x'.repeat(8000)], [['0.1.0', '9.9.9']], ['<script>']])('refuses what is no release without repeating it', (given) => {
  expect(ask(given).problem?.title).toBe('the client runs a release that cannot be read: upgrade needed, at least 0.1.0');
});
