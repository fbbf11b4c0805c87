/** An audit event as it is exported. Everything in it but its number and the time at which it was stored was chosen by whoever published it. */
export interface AuditEvent {
  /** Its number in the stream. */
  readonly number: number;
  /** The NATS subject. */
  readonly subject: string;
  /** Its id: printable ASCII, at most 200 characters. If the event has none, one that follows from its number. */
  readonly id: string;
  /** What kind of event it is, such as `sluice.session.closed.v1`: printable ASCII, at most 200 characters. */
  readonly type: string;
  /** When it happened, as the event says; otherwise when it was stored. */
  readonly time: Date;
  /** When JetStream stored it. */
  readonly storedAt: Date;
  /** The event as one line of JSON: the bytes that were published, or a text that has them if no service of Sluice writes such. */
  readonly json: string;
  /** The event's fields, parsed anew each time; none if it is not a JSON object. */
  readonly fields: Readonly<Record<string, unknown>>;
}
