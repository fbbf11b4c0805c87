import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { AwsV4Signer } from 'aws4fetch';
import type { Destination, RefusedEvent } from '../destination/destination.js';
import type { AuditEvent } from '../event/audit-event.js';
import { eventLine } from '../event/read-event.js';
import type { HttpSender } from '../http/http-sender.js';
import type { S3Credentials } from './s3-credentials.js';

const DAY_MS = 24 * 3600 * 1000;

const compress = promisify(gzip);

/** Where objects are put, and in whose name. */
interface S3Options {
  readonly endpoint: URL;
  readonly region: string;
  readonly bucket: string;
  /** What the names of all objects begin with. */
  readonly prefix: string;
  /** Secret. */
  readonly credentials: S3Credentials;
  /** How long nobody may delete or replace what was written; undefined leaves that to the bucket. */
  readonly lock: S3Lock | undefined;
}

/** Object lock: a write-once store keeps an object until a time. */
interface S3Lock {
  /** Whether nobody can end the lock (`COMPLIANCE`), or those who have a right of their own can (`GOVERNANCE`). */
  readonly mode: 'COMPLIANCE' | 'GOVERNANCE';
  readonly days: number;
}

/**
 * Objects in a store that speaks S3: NDJSON, compressed, in folders by the hour in which JetStream stored the events. The name of an
 * object has the numbers of its first and last event and a part of its hash, so that the same events make the same object again, and
 * other events never replace it.
 *
 *   PREFIX/2026/11/27/09/000000000041-000000000095-7f0b3c1e5a2d9b64.ndjson.gz
 */
export class S3 implements Destination {
  constructor(
    private readonly sender: HttpSender,
    private readonly options: S3Options,
  ) {}

  get name(): string {
    return `the bucket ${this.options.bucket} at ${this.sender.name}`;
  }

  async send(events: readonly AuditEvent[], signal: AbortSignal): Promise<readonly RefusedEvent[]> {
    for (const [hour, own] of byHour(events)) await this.put(hour, own, signal);
    return [];
  }

  async close(): Promise<void> {
    this.sender.close();
  }

  private async put(hour: string, events: readonly AuditEvent[], signal: AbortSignal): Promise<void> {
    const text = events.map((event) => `${eventLine(event)}\n`).join('');
    const name = `${this.options.prefix}${hour}/${objectName(events, text)}`;
    const body = await compress(text);
    const { url, headers } = await this.signed(name, body);
    const { status, words } = await this.sender.send('PUT', body, headers, signal, url);
    if (status !== 200) throw new Error(`the store responded ${words}`); // it never refuses an object for its content
  }

  private async signed(name: string, body: Uint8Array): Promise<{ url: URL; headers: Record<string, string> }> {
    const { endpoint, bucket, region, credentials, lock } = this.options;
    const base = endpoint.href.replace(/\/+$/, '');
    const hash = createHash('sha256').update(body).digest();
    const signer = new AwsV4Signer({
      ...credentials,
      service: 's3',
      region,
      method: 'PUT',
      url: `${base}/${[bucket, ...name.split('/')].map(encodeURIComponent).join('/')}`,
      headers: {
        'content-type': 'application/gzip',
        'x-amz-content-sha256': hash.toString('hex'),
        'x-amz-sdk-checksum-algorithm': 'SHA256', // which buckets with object lock ask for
        'x-amz-checksum-sha256': hash.toString('base64'),
        ...lockHeaders(lock),
      },
      body,
    });
    const { url, headers } = await signer.sign();
    return { url, headers: Object.fromEntries(headers) };
  }
}

function lockHeaders(lock: S3Lock | undefined): Record<string, string> {
  if (lock === undefined) return {};
  const until = new Date(Date.now() + lock.days * DAY_MS).toISOString();
  return { 'x-amz-object-lock-mode': lock.mode, 'x-amz-object-lock-retain-until-date': until };
}

/** Events by the hour in which they were stored: `2026/11/27/09`. */
function byHour(events: readonly AuditEvent[]): Map<string, AuditEvent[]> {
  const hours = new Map<string, AuditEvent[]>();
  for (const event of events) {
    const hour = event.storedAt.toISOString().slice(0, 13).replace(/[-T]/g, '/');
    const own = hours.get(hour);
    if (own === undefined) hours.set(hour, [event]);
    else own.push(event);
  }
  return hours;
}

function objectName(events: readonly AuditEvent[], text: string): string {
  const numbers = events.map(({ number }) => number);
  const [first, last] = [Math.min(...numbers), Math.max(...numbers)].map((number) => String(number).padStart(12, '0'));
  return `${first}-${last}-${createHash('sha256').update(text).digest('hex').slice(0, 16)}.ndjson.gz`;
}
