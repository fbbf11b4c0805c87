import type { SessionFactKind } from '../facts/session-facts.js';

/** The JetStream stream that keeps every fact. */
export const AUDIT_STREAM = 'AUDIT';
/** The durable consumer through which the audit service reads that stream. */
export const FACT_CONSUMER = 'records';

/** The JetStream stream that has facts in the OCSF form. It exists while there is a SIEM reader of it. */
export const OCSF_STREAM = 'OCSF';
/** The durable consumer of the stream of facts through which the audit service reads what it converts. */
export const OCSF_CONSUMER = 'ocsf';
/** Subjects of all OCSF events. */
export const ALL_OCSF_EVENTS = 'siem.v1.ocsf.>';

/** The streams that SIEM readers have their consumers in. */
export const READER_STREAMS = [AUDIT_STREAM, OCSF_STREAM] as const;
/** A stream that SIEM readers have their consumers in. */
export type ReaderStream = (typeof READER_STREAMS)[number];

const READER_CONSUMER = 'siem_';
/** The durable consumer of a SIEM reader's user. It has the name of the user's key, so that a user cannot be given access to another one. */
export const readerConsumer = (publicKey: string): string => `${READER_CONSUMER}${publicKey}`;
/** Whether a consumer belongs to a SIEM reader. */
export const isReaderConsumer = (consumer: string): boolean => consumer.startsWith(READER_CONSUMER);
/** To what a SIEM reader's request for the state of a consumer is mapped in its account. */
export const readerState = (stream: ReaderStream, consumer: string): string => `reader.v1.state.${stream}.${consumer}`;

/** Subjects of all facts. */
export const ALL_FACTS = 'audit.v1.>';
/** Subjects on which the server republishes facts once they are stored: each once, in order, with its sequence in the stream. */
export const STORED_FACTS = `stored.${ALL_FACTS}`;
/** Facts of one kind about sessions, whichever relay publishes them. */
export const sessionFacts = (kind: SessionFactKind): string => `audit.v1.session.${kind}.>`;

/** Subjects on which the server republishes the changes of a bucket once they are stored. */
export const bucketChanges = (bucket: string): string => `bucket.v1.${bucket}.>`;
/** The stream under a bucket, as NATS names it. */
export const bucketStream = (bucket: string): string => `KV_${bucket}`;
/** The subject under which NATS stores a key of a bucket; `>` is every key. */
export const bucketSubject = (bucket: string, key: string): string => `$KV.${bucket}.${key}`;

/** The inbox prefix of a bus user: no other user may subscribe there. */
export const inboxPrefix = (user: string): string => `_INBOX_${user}`;

/** Reads of a bucket: requests for its content, without a consumer. */
export const bucketReads = (bucket: string): string => `$JS.API.DIRECT.GET.${bucket === '*' ? '*' : bucketStream(bucket)}`;

/** Subjects of the facts of a service other than audit, which stores them. */
export const factsOfService = (service: 'registry' | 'health'): string[] => [
  ...(service === 'registry' ? ['audit.v1.activity.>', 'audit.v1.attempt.>'] : ['audit.v1.health.>']),
  `audit.v1.service.*.${service}`,
];
