import type { Destination, RefusedEvent } from '../destination/destination.js';
import type { AuditEvent } from '../event/audit-event.js';
import { eventLine } from '../event/read-event.js';
import type { RotatingFile } from './rotating-file.js';

/** A file with one event a line and its number, as `sluice audit verify --heads` and log shippers read it. */
export class EventFile implements Destination {
  /** @param path for people */
  constructor(
    private readonly file: RotatingFile,
    private readonly path: string,
  ) {}

  get name(): string {
    return `the file ${this.path}`;
  }

  async send(events: readonly AuditEvent[]): Promise<readonly RefusedEvent[]> {
    await this.file.append(events.map(eventLine), new Date());
    return [];
  }

  async close(): Promise<void> {
    this.file.close();
  }
}
