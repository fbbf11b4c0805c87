import { AUDIT_STREAM } from '@sluice/contracts';
import { isLoopbackHost } from '@sluice/domain';
import { configuration, fileContent, list, milliseconds, operationsAddress } from '@sluice/process';
import { hostname } from 'node:os';
import { z } from 'zod';
import { readerCredentials } from './reader/reader-credentials.js';
import { s3Credentials } from './s3/s3-credentials.js';
import { SYSLOG_FORMATS } from './syslog/syslog-message.js';

/** Where events can be exported to. */
export const DESTINATIONS = ['file', 'webhook', 'splunk', 'elastic', 'syslog', 's3'] as const;
/** Where events can be exported to. */
export type DestinationKind = (typeof DESTINATIONS)[number];

/** The protocols of the URLs of destinations that have one, those without encryption last. */
const PROTOCOLS: Readonly<Record<Exclude<DestinationKind, 'file'>, readonly string[]>> = {
  webhook: ['https:', 'http:'],
  splunk: ['https:', 'http:'],
  elastic: ['https:', 'http:'],
  syslog: ['tls:', 'tcp:'],
  s3: ['https:', 'http:'],
};

function asUrl(text: string, context: z.core.$RefinementCtx): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url !== undefined && url.hostname !== '' && url.username === '' && url.password === '' && url.hash === '') return url;
  context.addIssue(
    url === undefined
      ? 'is not a URL'
      : 'is not a URL of a host without user and password; those belong in SLUICE_EXPORT_TOKEN_FILE',
  );
  return z.NEVER;
}

const whole = (min: number, max: number) => z.coerce.number().int().min(min).max(max);
const mebibytes = (count: number): number => count * 1024 * 1024;
const secret = fileContent.refine((text) => /^[\x20-\x7e]+$/.test(text), 'names a file that is empty, or has more than one line');

const settings = {
  operations: ['SLUICE_OPERATIONS_ADDRESS', operationsAddress],
  natsServers: ['NATS_URL', list],
  /** The file that `sluice admin siem create` wrote. */
  credentials: ['SLUICE_EXPORT_CREDENTIALS_FILE', readerCredentials],
  /** The authority of NATS's certificate. */
  busCa: ['SLUICE_EXPORT_BUS_CA_FILE', fileContent.optional()],
  stream: [
    'SLUICE_EXPORT_STREAM',
    z
      .string()
      .regex(/^[\w-]{1,100}$/, 'is not the name of a stream')
      .default(AUDIT_STREAM),
  ],
  /** The folder of the quarantine, and of the file that is exported to. */
  home: ['SLUICE_EXPORT_HOME', z.string()],
  kind: ['SLUICE_EXPORT_DESTINATION', z.enum(DESTINATIONS, `is one of ${DESTINATIONS.join(', ')}`)],
  givenUrl: ['SLUICE_EXPORT_URL', z.string().transform(asUrl).optional()],
  /** For URLs that are secret. */
  urlOfFile: ['SLUICE_EXPORT_URL_FILE', fileContent.transform(asUrl).optional()],
  /** Whether events may be sent without encryption to another machine. */
  plaintext: ['SLUICE_EXPORT_PLAINTEXT', z.enum(['refused', 'allowed']).default('refused')],
  /** The authority of the destination's certificate; by default those that Node trusts. */
  ca: ['SLUICE_EXPORT_CA_FILE', fileContent.optional()],
  cert: ['SLUICE_EXPORT_CERT_FILE', fileContent.optional()],
  key: ['SLUICE_EXPORT_KEY_FILE', fileContent.optional()],
  token: ['SLUICE_EXPORT_TOKEN_FILE', secret.optional()],
  tokenScheme: [
    'SLUICE_EXPORT_TOKEN_SCHEME',
    z
      .string()
      .regex(/^[\w-]{1,40}$/, 'is not a scheme such as Bearer')
      .optional(),
  ],
  /** Webhook: the key that requests are signed with. */
  signingKey: [
    'SLUICE_EXPORT_SIGNING_KEY_FILE',
    secret.refine((text) => text.length >= 16, 'names a file with a key of less than 16 characters').optional(),
  ],
  /** Splunk, Elastic: the index. */
  index: [
    'SLUICE_EXPORT_INDEX',
    z
      .string()
      .regex(/^[^\s"\\]{1,200}$/, 'is not the name of an index')
      .optional(),
  ],
  timeoutMs: ['SLUICE_EXPORT_TIMEOUT_SECONDS', z.coerce.number().min(1).max(600).default(30).transform(milliseconds)],
  /** Maximum number of events that are sent, and are in memory, at the same time. */
  batch: ['SLUICE_EXPORT_BATCH', whole(1, 1000).optional()],
  /** Maximum bytes of events in one request. A single event may be longer. */
  batchBytes: [
    'SLUICE_EXPORT_BATCH_KIB',
    whole(1, 65_536)
      .default(1024)
      .transform((kib) => kib * 1024),
  ],
  filePath: ['SLUICE_EXPORT_FILE_PATH', z.string().optional()],
  fileBytes: [
    'SLUICE_EXPORT_FILE_MIB',
    whole(1, 1024 * 1024)
      .default(100)
      .transform(mebibytes),
  ],
  fileHours: ['SLUICE_EXPORT_FILE_HOURS', z.coerce.number().min(0.01).max(8760).default(24)],
  fileKeep: ['SLUICE_EXPORT_FILE_KEEP', whole(1, 100_000).optional()],
  syslogFormat: ['SLUICE_EXPORT_SYSLOG_FORMAT', z.enum(SYSLOG_FORMATS).default('json')],
  syslogFacility: ['SLUICE_EXPORT_SYSLOG_FACILITY', whole(0, 23).default(13)],
  syslogHostname: ['SLUICE_EXPORT_SYSLOG_HOSTNAME', z.string().max(255).default(hostname())],
  syslogBytes: ['SLUICE_EXPORT_SYSLOG_BYTES', whole(480, 1024 * 1024).default(8192)],
  s3Bucket: [
    'SLUICE_EXPORT_S3_BUCKET',
    z
      .string()
      .regex(/^[a-z0-9.-]{3,63}$/, 'is not the name of a bucket')
      .optional(),
  ],
  s3Prefix: [
    'SLUICE_EXPORT_S3_PREFIX',
    z
      .string()
      .regex(/^[\w./-]{0,200}$/, 'has other characters than letters, digits and _ . / -')
      .default(''),
  ],
  s3Region: [
    'SLUICE_EXPORT_S3_REGION',
    z
      .string()
      .regex(/^[\w-]{1,60}$/, 'is not the name of a region')
      .default('us-east-1'),
  ],
  s3Credentials: ['SLUICE_EXPORT_S3_CREDENTIALS_FILE', s3Credentials.optional()],
  s3LockMode: [
    'SLUICE_EXPORT_S3_LOCK',
    z
      .enum(['compliance', 'governance'])
      .transform((mode) => mode.toUpperCase() as Uppercase<typeof mode>)
      .optional(),
  ],
  s3LockDays: ['SLUICE_EXPORT_S3_LOCK_DAYS', whole(1, 36_500).optional()],
  /** How long events are collected for one object. */
  s3CollectMs: ['SLUICE_EXPORT_S3_SECONDS', whole(1, 3600).default(300).transform(milliseconds)],
} as const;

const DEFAULT_BATCH = 100;
/** An object should not be small, and one request for events returns no more. */
const OBJECT_BATCH = 1000;

/** What an export process is configured with: the credentials of one SIEM reader, and one destination. */
export class ExportConfig extends configuration(settings, [
  {
    variable: 'SLUICE_EXPORT_URL',
    message: 'or SLUICE_EXPORT_URL_FILE is needed for this destination, and not both',
    holds: ({ kind, givenUrl, urlOfFile }) => kind === 'file' || (givenUrl === undefined) !== (urlOfFile === undefined),
  },
  {
    variable: 'SLUICE_EXPORT_DESTINATION',
    message:
      'does not fit the URL: for syslog it begins with tls:// or tcp:// and has a port, otherwise with https:// or http://',
    holds: ({ kind, givenUrl, urlOfFile }) => {
      const url = givenUrl ?? urlOfFile;
      if (kind === 'file' || url === undefined) return true;
      return PROTOCOLS[kind].includes(url.protocol) && (kind !== 'syslog' || url.port !== '');
    },
  },
  {
    variable: 'SLUICE_EXPORT_PLAINTEXT',
    message: 'is not allowed: events would be sent without encryption to another machine; use https:// or tls://, or allow it',
    holds: ({ kind, givenUrl, urlOfFile, plaintext }) => {
      const url = givenUrl ?? urlOfFile;
      const encrypted = url === undefined || ['https:', 'tls:'].includes(url.protocol);
      return kind === 'file' || encrypted || plaintext === 'allowed' || isLoopbackHost(url.hostname);
    },
  },
  {
    variable: 'SLUICE_EXPORT_CERT_FILE',
    message: 'and SLUICE_EXPORT_KEY_FILE belong together',
    holds: ({ cert, key }) => (cert === undefined) === (key === undefined),
  },
  {
    variable: 'SLUICE_EXPORT_TOKEN_FILE',
    message: 'is needed for this destination',
    holds: ({ kind, token }) => kind !== 'splunk' || token !== undefined,
  },
  {
    variable: 'SLUICE_EXPORT_INDEX',
    message: 'is needed for this destination',
    holds: ({ kind, index }) => kind !== 'elastic' || index !== undefined,
  },
  {
    variable: 'SLUICE_EXPORT_S3_BUCKET',
    message: 'and SLUICE_EXPORT_S3_CREDENTIALS_FILE are needed for this destination',
    holds: ({ kind, s3Bucket, s3Credentials: key }) => kind !== 's3' || (s3Bucket !== undefined && key !== undefined),
  },
  {
    variable: 'SLUICE_EXPORT_S3_LOCK',
    message: 'and SLUICE_EXPORT_S3_LOCK_DAYS belong together',
    holds: ({ s3LockMode, s3LockDays }) => (s3LockMode === undefined) === (s3LockDays === undefined),
  },
]) {
  /** Where the destination is; undefined for a file. Its path can be secret. */
  readonly url = this.givenUrl ?? this.urlOfFile;
  /** Our own certificate, if the destination asks for one. */
  readonly certificate = this.cert === undefined || this.key === undefined ? undefined : { cert: this.cert, key: this.key };
  /** How long objects are locked; undefined leaves that to the bucket. */
  readonly s3Lock =
    this.s3LockMode === undefined || this.s3LockDays === undefined ? undefined : { mode: this.s3LockMode, days: this.s3LockDays };
  /** Maximum number of events of a batch. */
  readonly maxEvents = this.batch ?? (this.kind === 's3' ? OBJECT_BATCH : DEFAULT_BATCH);
  /** How long events are collected before they are sent, in milliseconds. */
  readonly collectMs = this.kind === 's3' ? this.s3CollectMs : 0;
}
