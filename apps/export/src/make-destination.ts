import path from 'node:path';
import { exhaustive } from '@sluice/domain';
import type { ExportConfig } from './config.js';
import type { Destination } from './destination/destination.js';
import { LINE_START } from './event/read-event.js';
import { EventFile } from './file/file.js';
import { RotatingFile } from './file/rotating-file.js';
import { Elastic } from './http/elastic.js';
import { HttpSender } from './http/http-sender.js';
import { Splunk } from './http/splunk.js';
import { Webhook } from './http/webhook.js';
import { S3 } from './s3/s3.js';
import { Syslog } from './syslog/syslog.js';

const HOUR_MS = 3_600_000;

/** Makes the destination that is configured. @throws Error if it is a file that cannot be written */
export async function makeDestination(config: ExportConfig): Promise<Destination> {
  const { kind, index, signingKey } = config;
  switch (kind) {
    case 'file': {
      const { filePath = path.join(config.home, 'events.ndjson'), fileBytes, fileHours, fileKeep } = config;
      const rotation = { maxBytes: fileBytes, maxAgeMs: fileHours * HOUR_MS, keep: fileKeep, lineStart: LINE_START };
      return new EventFile(await RotatingFile.open(filePath, rotation), filePath);
    }
    case 'webhook':
      return new Webhook(senderOf(config), { authorization: authorizationOf(config, 'Bearer'), signingKey });
    case 'splunk':
      return new Splunk(senderOf(config), { authorization: authorizationOf(config, 'Splunk') ?? '', index });
    case 'elastic':
      return new Elastic(senderOf(config, ELASTIC_ANSWER), {
        authorization: authorizationOf(config, 'ApiKey'),
        index: index ?? '',
      });
    case 'syslog': {
      const { syslogFormat: format, syslogFacility: facility, syslogHostname: hostname, syslogBytes: maxBytes } = config;
      return new Syslog(receiverOf(config), { format, facility, hostname, maxBytes });
    }
    case 's3': {
      const { s3Region: region, s3Bucket: bucket = '', s3Credentials: credentials, s3Prefix, s3Lock: lock } = config;
      const prefix = s3Prefix === '' || s3Prefix.endsWith('/') ? s3Prefix : `${s3Prefix}/`;
      const endpoint = urlOf(config);
      if (credentials === undefined) throw new Error('there is no access key'); // excluded by the configuration
      return new S3(senderOf(config), { endpoint, region, bucket, prefix, credentials, lock });
    }
    default:
      return exhaustive(kind);
  }
}

/** What a response of the bulk API has to contain: without this, it repeats much that is known. */
const ELASTIC_ANSWER: readonly (readonly [string, string])[] = [
  ['filter_path', 'items.*.status,items.*.error.type,items.*.error.reason'],
];

/** The URL of a destination that has one, which the configuration ensures. */
function urlOf({ url }: ExportConfig): URL {
  if (url === undefined) throw new Error('the destination has no URL');
  return url;
}

function senderOf(config: ExportConfig, query: readonly (readonly [string, string])[] = []): HttpSender {
  const { ca, certificate, timeoutMs, token, signingKey, s3Credentials: key } = config;
  const url = new URL(urlOf(config));
  for (const [name, value] of query) url.searchParams.set(name, value);
  const secrets = [token, signingKey, key?.secretAccessKey, key?.sessionToken, ...partsOf(urlOf(config))].filter(
    (text) => text !== undefined,
  );
  return new HttpSender({ url, ca, certificate, timeoutMs, secrets });
}

/** What can be secret of a URL: its path, and what is in its query. */
function partsOf({ pathname, search, searchParams }: URL): string[] {
  const values = [...searchParams.values()].filter(({ length }) => length > 3);
  return [search, pathname, ...values].filter(({ length }) => length > 1);
}

function receiverOf(config: ExportConfig) {
  const { ca, certificate, timeoutMs } = config;
  const { protocol, hostname, port } = urlOf(config);
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  return { host, port: Number(port), tls: protocol === 'tls:', ca, certificate, timeoutMs };
}

const authorizationOf = ({ token, tokenScheme }: ExportConfig, scheme: string): string | undefined =>
  token === undefined ? undefined : `${tokenScheme ?? scheme} ${token}`;
