import { bytesText } from '@sluice/domain';
import { type Schemas, unwrap } from '@sluice/sdk';
import type { Command } from 'commander';
import type { SignedIn } from '../command/api.js';
import { addCommand, run } from '../command/command.js';
import type { Output, OutputOptions } from '../terminal/output.js';
import { showCount, showTime } from '../terminal/show.js';

type Overview = Schemas['Overview'];

/** Adds `sluice audit overview`. */
export function addOverview(audit: Command, signedIn: SignedIn): void {
  addCommand(audit, 'overview', {
    summary:
      'show an overview: live sessions, sessions of the last hour and day, why some were refused or failed, and what was wrong with facts',
    example: 'audit overview',
    more: 'As CSV it has the last hour by minutes.',
  }).action((options: OutputOptions) =>
    run(options, async ({ out }) => print(out, await unwrap(signedIn().GET('/api/v1/overview', {})))),
  );
}

function print(out: Output, overview: Overview): void {
  const forPeople = (): void => {
    out.fields([
      ['Live sessions', overview.live],
      ['Last hour', sumOf(overview.minutes)],
      ['Last day', sumOf(overview.hours)],
      ['Facts not stored yet', overview.factsWaiting],
    ]);
    for (const [title, shares] of [
      ['SERVER', overview.servers],
      ['USER', overview.users],
    ] as const) {
      out.line('');
      const rows = shares.map(({ id, name, sessions, bytes }) => [name ?? id, sessions, bytesText(bytes)]);
      out.table([title, 'SESSIONS IN A DAY', 'BYTES'], rows, 'No sessions in the last day.');
    }
    const reasons = overview.reasons.map(({ outcome, endReason, count }) => [outcome, endReason, count]);
    if (reasons.length > 0) {
      out.line('');
      out.table(['OUTCOME', 'REASON', 'IN A DAY'], reasons, '');
    }
    const findings = overview.findings.map(({ kind, author, count, lastAt }) => [kind, author ?? '-', count, showTime(lastAt)]);
    if (findings.length > 0) {
      out.line('');
      out.table(['WRONG WITH FACTS', 'AUTHOR', 'IN A DAY', 'LAST'], findings, '');
    }
  };
  out.value(overview, forPeople, {
    items: overview.minutes,
    columns: ['at', 'live', 'completed', 'refused', 'failed', 'bytes'],
  });
}

function sumOf(spans: Overview['minutes']): string {
  const sum = (of: (span: Overview['minutes'][number]) => number): number => spans.reduce((total, span) => total + of(span), 0);
  const parts = [
    `${sum(({ completed }) => completed)} completed`,
    `${sum(({ refused }) => refused)} refused`,
    `${sum(({ failed }) => failed)} failed`,
  ];
  return `${showCount(
    sum(({ live, completed, refused, failed }) => live + completed + refused + failed),
    'session',
  )}: ${parts.join(', ')}`;
}
