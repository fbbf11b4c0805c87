import { bytesText } from '@sluice/domain';
import { type Schemas, unwrap } from '@sluice/sdk';
import type { Command } from 'commander';
import type { SignedIn } from '../command/api.js';
import { addCommand, run } from '../command/command.js';
import { minor } from '../terminal/fit-columns.js';
import type { Output, OutputOptions } from '../terminal/output.js';
import { showTime } from '../terminal/show.js';

type Status = Schemas['DeliveryStatus'];

/** Adds `sluice audit status`. */
export function addAuditStatus(audit: Command, signedIn: SignedIn): void {
  addCommand(audit, 'status', {
    summary: 'show how far facts have come: journals of relays, the stream, the database, SIEM readers, and what is missing',
    example: 'audit status',
    more: 'The readers `records` and `ocsf` are the audit service itself, which stores facts in the database, and converts them for SIEM readers of OCSF. As CSV it has the readers.',
  }).action((options: OutputOptions) =>
    run(options, async ({ out }) => print(out, await unwrap(signedIn().GET('/api/v1/delivery', {})))),
  );
}

function print(out: Output, status: Status): void {
  const forPeople = (): void => {
    const { stream, ocsf, readers, relays, gaps } = status;
    out.fields([
      ['Stream', `numbers ${stream.firstNumber} to ${stream.lastNumber}`],
      ['Oldest', showTime(stream.firstAt)],
      ['Size', `${bytesText(stream.bytes)} of ${bytesText(stream.limitBytes)}`],
      ...(ocsf === null
        ? []
        : [
            [
              'OCSF stream',
              `numbers ${ocsf.firstNumber} to ${ocsf.lastNumber}, ${bytesText(ocsf.bytes)} of ${bytesText(ocsf.limitBytes)}`,
            ] as [string, string],
          ]),
    ]);
    out.line('');
    out.table(
      ['READER', 'WAITING', minor('UNACKNOWLEDGED', 1), 'ACKNOWLEDGED', 'OLDEST', minor('LAST ACK', 2), minor('STREAM', 3)],
      readers.map(({ name, stream: read, delivery }) => [
        name,
        delivery.waiting,
        delivery.unacknowledged,
        delivery.acknowledgedNumber,
        showTime(delivery.oldestAt),
        showTime(delivery.acknowledgedAt),
        read,
      ]),
      'Nobody reads the stream.',
    );
    out.line('');
    out.table(
      ['RELAY', 'STORED THROUGH', 'AWAITED', 'IN ITS JOURNAL', minor('CLUSTER', 1)],
      relays.map(({ id, name, cluster, through, highest, journal }) => [
        name ?? id,
        through,
        highest - through,
        journal === null ? '?' : `${journal.facts} (${bytesText(journal.bytes)})`,
        cluster,
      ]),
      'No relay is online.',
    );
    if (gaps.length === 0) return;
    out.line('');
    out.table(
      ['GAP OF', 'NUMBERS', 'MISSING', 'REPORTED', minor('INCARNATION', 1)],
      gaps.map(({ author, incarnation, from, to, missing, reportedAt }) => [
        author,
        `${from}-${to}`,
        missing,
        showTime(reportedAt),
        incarnation,
      ]),
      '',
    );
  };
  out.value(status, forPeople, {
    items: status.readers,
    columns: [
      'kind',
      'id',
      'name',
      'delivery.waiting',
      'delivery.unacknowledged',
      'delivery.acknowledgedNumber',
      'delivery.oldestAt',
      'stream',
    ],
  });
}
