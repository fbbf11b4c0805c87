import { EXPORT_METRICS } from '@sluice/contracts';
import { cleanText } from '@sluice/domain';
import { counterOf, type Log } from '@sluice/process';
import type { AuditEvent } from '../event/audit-event.js';
import type { RotatingFile } from '../file/rotating-file.js';

const MAX_REASON = 500;

const quarantined = counterOf(EXPORT_METRICS.quarantined);

/**
 * Events that the destination refused for good: a line of a file with number, id, subject and reason, one of the log, and a count.
 * The events themselves are where they were, in Sluice's own store.
 */
export class Quarantine {
  constructor(
    private readonly file: RotatingFile,
    private readonly log: Log,
  ) {}

  /** @throws Error if the file could not be written */
  async add({ number, id, subject, type, time }: AuditEvent, why: string): Promise<void> {
    const at = new Date();
    const reason = cleanText(why, MAX_REASON);
    const line = JSON.stringify({
      at: at.toISOString(),
      number,
      id,
      subject: cleanText(subject, MAX_REASON),
      type,
      time: time.toISOString(),
      reason,
    });
    await this.file.append([line], at);
    quarantined.inc();
    this.log.error({ number, id, subject, reason }, 'an event was quarantined because the destination refuses it');
  }

  close(): void {
    this.file.close();
  }
}
