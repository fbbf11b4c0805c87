import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import { SIEM_FORMATS, type SiemFormat } from '@sluice/contracts';
import { nothingYet } from '@sluice/domain';
import { collect, type Schemas, unwrap } from '@sluice/sdk';
import { type Command, Option } from 'commander';
import { nextPage, type SignedIn, siemReaderNamed } from '../command/api.js';
import { addCommand, addDangerousCommand, type DangerousOptions, run } from '../command/command.js';
import { readMoment } from '../command/moment.js';
import { UsageError } from '../terminal/failure.js';
import { minor, whole } from '../terminal/fit-columns.js';
import type { Output, OutputOptions, Rows } from '../terminal/output.js';
import { showCount, showTime } from '../terminal/show.js';

type Reader = Schemas['SiemReader'];
type Credentials = Schemas['SiemCredentials'];

const FROM = 'a time, an age such as 24h, or the number of an event in the stream';
const OUT = 'write the credentials into this new file, readable by you only, instead of printing them';
const ARGUMENT = 'name or id of the reader';

/** What CSV has of a reader. */
const READER_COLUMNS: Rows<Reader>['columns'] = [
  ...(['id', 'version', 'name', 'consumer'] as const),
  ...(['delivery.waiting', 'delivery.unacknowledged', 'delivery.acknowledgedNumber', 'format'] as const),
  ...(['delivery.oldestAt', 'delivery.acknowledgedAt', 'subjects', 'stream', 'inboxPrefix'] as const),
];

/** What CSV has of a reader that is shown alone: the whole response. */
const SHOWN_COLUMNS: Rows<Schemas['ShownSiemReader']>['columns'] = [
  ...(READER_COLUMNS as Rows<Schemas['ShownSiemReader']>['columns']),
  ...(['servers', 'ca', 'fromTime', 'fromNumber', 'createdAt', 'createdBy', 'rotatedAt'] as const),
  ...(['delivery.deliveredNumber', 'delivery.deliveredAt', 'conversion.waiting', 'conversion.unacknowledged'] as const),
  ...(['conversion.deliveredNumber', 'conversion.deliveredAt', 'conversion.acknowledgedNumber'] as const),
  ...(['conversion.acknowledgedAt', 'conversion.oldestAt'] as const),
];

/** Adds `sluice admin siem ...`. */
export function addSiemCommands(admin: Command, signedIn: SignedIn): void {
  const siem = admin.command('siem').description('SIEM readers, which receive audit events through NATS');

  addCommand(siem, 'create', {
    summary: 'create a reader of audit events with a consumer of its own; its NATS credentials are shown once',
    example: 'admin siem create splunk --from 24h --out splunk.creds',
    more: 'Without --from it receives what happens from now on. docs/siem.md describes how events are received.',
  })
    .argument('<name>', 'its name')
    .addOption(
      new Option('--format <format>', 'the form of the events: as they are published, or converted to OCSF')
        .choices(SIEM_FORMATS)
        .default('cloudevents'),
    )
    .option('--subjects <patterns>', 'which events, as NATS subjects with commas between them (default: all of the format)')
    .option('--from <start>', `where it begins: ${FROM}`)
    .option('--out <file>', OUT)
    .action((name: string, options: OutputOptions & { format: SiemFormat; subjects?: string; from?: string; out?: string }) =>
      run(options, async ({ out }) => {
        const { format } = options;
        const start = options.from === undefined ? {} : readStart(options.from);
        await withNewFile(options.out, async (write) => {
          const subjects = options.subjects?.split(',') ?? [];
          const made = await unwrap(signedIn().POST('/api/v1/siem-readers', { body: { name, format, subjects, ...start } }));
          write?.(made.credentials);
          printCredentials(out, made, options.out, `Created ${made.name}.`);
        });
      }),
    );

  addCommand(siem, 'list', {
    summary: 'list readers by name, with how far each has come; never their credentials',
    example: 'admin siem list',
  }).action((options: OutputOptions) =>
    run(options, async ({ out }) => {
      const api = signedIn();
      const all = await collect((cursor) => unwrap(api.GET('/api/v1/siem-readers', { params: { query: nextPage(cursor) } })));
      out.list(all, {
        head: [
          'READER',
          'WAITING',
          minor('UNACKNOWLEDGED', 2),
          'OLDEST',
          minor('LAST ACK', 1),
          minor('FORMAT', 4),
          minor('SUBJECTS', 3),
          whole('ID'),
        ],
        row: ({ id, name, format, subjects, delivery }) => [
          name,
          delivery?.waiting ?? '?',
          delivery?.unacknowledged ?? '?',
          showTime(delivery?.oldestAt),
          showTime(delivery?.acknowledgedAt),
          format,
          subjects.join(' '),
          id,
        ],
        empty: 'There are no SIEM readers.',
        csv: READER_COLUMNS,
      });
    }),
  );

  addCommand(siem, 'show', {
    summary: 'show a reader, what its NATS client needs, and how far it has come; never its credentials',
    example: 'admin siem show splunk',
  })
    .argument('<reader>', ARGUMENT)
    .action((named: string, options: OutputOptions) =>
      run(options, async ({ out }) => {
        const api = signedIn();
        const { id } = await siemReaderNamed(api, named);
        const reader = await unwrap(api.GET('/api/v1/siem-readers/{id}', { params: { path: { id } } }));
        const forPeople = (): void => {
          out.fields([...fieldsOf(reader), ...natsOf(reader), ...deliveryOf(reader), ['Version', reader.version], ['Id', id]]);
          if (reader.ca !== null)
            out.line(`\nThe authority of NATS's certificate, which its client is given as a file:\n${reader.ca.trim()}`);
        };
        out.value(reader, forPeople, { items: [reader], columns: SHOWN_COLUMNS });
      }),
    );

  addDangerousCommand(siem, 'rotate', {
    summary: 'replace the credentials of a reader: the old ones receive nothing more, the new ones continue where it was',
    example: 'admin siem rotate splunk --out splunk-2.creds --yes',
  })
    .argument('<reader>', ARGUMENT)
    .option('--out <file>', OUT)
    .action((named: string, options: DangerousOptions & { out?: string }) =>
      run(options, async ({ out, confirm }) => {
        const api = signedIn();
        const { id, name, version } = await siemReaderNamed(api, named);
        await confirm(options, () =>
          Promise.resolve(
            `The present credentials of ${name} receive nothing more. The new ones have another consumer and inbox prefix.`,
          ),
        );
        await withNewFile(options.out, async (write) => {
          const made = await unwrap(
            api.POST('/api/v1/siem-readers/{id}/rotate', { params: { path: { id } }, body: { version } }),
          );
          write?.(made.credentials);
          printCredentials(out, made, options.out, `Replaced the credentials of ${made.name}.`);
        });
      }),
    );

  addDangerousCommand(siem, 'replay', {
    summary: 'let a reader receive events again, as far as JetStream keeps them; its credentials stay',
    example: 'admin siem replay splunk --from 2026-11-01T00:00:00Z --yes',
  })
    .argument('<reader>', ARGUMENT)
    .requiredOption('--from <start>', `where it begins again: ${FROM}`)
    .action((named: string, options: DangerousOptions & { from: string }) =>
      run(options, async ({ out, confirm }) => {
        const start = readStart(options.from);
        const api = signedIn();
        const { id, name, version } = await siemReaderNamed(api, named);
        await confirm(options, () =>
          Promise.resolve(
            `${name} leaves the place where it is, and receives events from ${showStart(start)} on, whether or not it had them.`,
          ),
        );
        const reader = await unwrap(
          api.POST('/api/v1/siem-readers/{id}/replay', { params: { path: { id } }, body: { version, ...start } }),
        );
        const waiting = reader.delivery === null ? '' : ` Waiting for it: ${showCount(reader.delivery.waiting, 'event')}.`;
        out.done(reader, `${name} begins again at ${showStart(reader)}.${waiting}`);
      }),
    );

  addDangerousCommand(siem, 'delete', {
    summary: 'delete a reader with its consumer: its credentials receive nothing more',
    example: 'admin siem delete splunk --yes',
  })
    .argument('<reader>', ARGUMENT)
    .action((named: string, options: DangerousOptions) =>
      run(options, async ({ out, confirm }) => {
        const api = signedIn();
        const { id, name, version } = await siemReaderNamed(api, named);
        await confirm(options, () =>
          Promise.resolve(
            `Deleting ${name} cannot be undone: its credentials receive nothing more, and where it was is forgotten.`,
          ),
        );
        await unwrap(api.DELETE('/api/v1/siem-readers/{id}', { params: { path: { id }, query: { version } } }));
        out.done({ id, name, deleted: true }, `Deleted ${name}.`);
      }),
    );
}

/** Parses where a reader begins. @throws UsageError */
function readStart(text: string): { fromNumber: number } | { fromTime: string } {
  if (/^[1-9]\d{0,14}$/.test(text)) return { fromNumber: Number(text) };
  if (/^-?[\d.]+$/.test(text))
    throw new UsageError(`--from is a whole number of the stream from 1 on, a time or an age (it is "${text}")`);
  return { fromTime: readMoment(text, '--from') };
}

const showStart = ({ fromTime = null, fromNumber = null }: Partial<Pick<Reader, 'fromTime' | 'fromNumber'>>): string =>
  fromNumber === null ? showTime(fromTime) : `number ${fromNumber}`;

/**
 * Makes a new file before the work, so that credentials which are shown only once are not lost because it cannot be written.
 * @throws UsageError if it exists, or cannot be made
 */
async function withNewFile(file: string | undefined, work: (write?: (text: string) => void) => Promise<void>): Promise<void> {
  if (file === undefined) return work();
  let descriptor: number;
  try {
    descriptor = openSync(file, 'wx', 0o600);
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const why = code === 'EEXIST' ? `${file} exists already` : message;
    throw new UsageError(`the file for the credentials cannot be made: ${why}`, { cause });
  }
  let written = false;
  try {
    await work((text) => {
      writeSync(descriptor, text);
      written = true;
    });
  } finally {
    closeSync(descriptor);
    if (!written) rmSync(file);
  }
}

function printCredentials(out: Output, made: Credentials, file: string | undefined, done: string): void {
  const shown = file === undefined ? made : { ...made, credentials: null };
  const where = file === undefined ? 'Its credentials, shown once, stand below:' : `Its credentials are in ${file}.`;
  out.done(shown, `${done} ${where}`);
  if (out.format !== 'table') return;
  if (file === undefined) out.line(made.credentials.trimEnd());
  out.fields([...fieldsOf(made), ...natsOf(made)]);
}

/** Where the client of a reader finds NATS. */
const natsOf = ({ servers }: Pick<Credentials, 'servers'>): [string, string][] => [['Servers', servers.join(' ')]];

const fieldsOf = (reader: Reader): [string, string | number][] => [
  ['Name', reader.name],
  ['Format', reader.format],
  ['Stream', reader.stream],
  ['Consumer', reader.consumer],
  ['Inbox prefix', reader.inboxPrefix],
  ['Subjects', reader.subjects.join(' ')],
  ['Begins at', showStart(reader)],
];

function deliveryOf({ format, delivery, conversion, createdAt, createdBy, rotatedAt }: Reader): [string, string | number][] {
  const made: [string, string][] = [
    ['Created', `${showTime(createdAt)} by ${createdBy}`],
    ['Credentials issued', showTime(rotatedAt ?? createdAt)],
  ];
  if (delivery === null)
    return [['Delivery', 'unknown: its consumer does not exist yet, or the audit service does not respond'], ...made];
  const converted = (): string => {
    if (conversion === null) return 'unknown';
    const { waiting, unacknowledged, acknowledgedNumber, oldestAt } = conversion;
    const left = waiting + unacknowledged;
    return `up to number ${acknowledgedNumber} of the CloudEvents; ${showCount(left, 'event')} not yet${left === 0 ? '' : `, the oldest of ${showTime(oldestAt)}`}`;
  };
  return [
    ...(format === 'ocsf' ? [['Converted', converted()] as [string, string]] : []),
    ['Waiting', showCount(delivery.waiting, 'event')],
    ['Unacknowledged', showCount(delivery.unacknowledged, 'event')],
    ['Oldest of them', showTime(delivery.oldestAt)],
    ['Delivered', showPlace('fetched', delivery.deliveredNumber, delivery.deliveredAt)],
    ['Acknowledged', showPlace('acknowledged', delivery.acknowledgedNumber, delivery.acknowledgedAt)],
    ...made,
  ];
}

/** How far a reader has come. @param at null: it has done nothing since NATS was started, as a new reader */
const showPlace = (done: 'fetched' | 'acknowledged', number: number, at: string | null): string =>
  at === null ? nothingYet(done, String(number)) : `number ${number}, ${showTime(at)}`;
