import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { AUDIT_STATUS, AUDIT_STATUS_LIMIT_MS, AuditStatus, type AuditTrouble } from '@sluice/contracts';
import { Bus } from '@sluice/messaging';
import type { ReportsReadiness } from '@sluice/process/nest';

const SEE_LOG = 'the reason is in its log and its own readiness';

/** What each trouble of the audit service means to those who use the system. */
const MEANING: Record<AuditTrouble, string> = {
  database: `audit: facts wait, because PostgreSQL does not store them; ${SEE_LOG}`,
  stream: `audit: facts wait, because NATS does not deliver them; ${SEE_LOG}`,
  fault: `audit: facts wait, because the audit service fails; ${SEE_LOG}`,
  housekeeping: `audit: gaps, integrity facts and lost sessions wait; ${SEE_LOG}`,
};
const SILENT = 'audit: facts wait, because no audit service has reported for a while';
/** Processes of the audit service that are remembered. */
const MAX_PROCESSES = 100;

/** Knows from the status that audit processes publish whether facts are stored. Sessions continue without that, so nobody else would notice. */
@Injectable()
export class AuditWatch implements OnApplicationBootstrap, ReportsReadiness {
  private readonly received = new Map<string, { readonly trouble: AuditTrouble | null; readonly at: number }>();
  /** Since when a message could have been received. */
  private listeningSince = performance.now();

  constructor(private readonly bus: Bus) {}

  onApplicationBootstrap(): void {
    this.bus.subscribe(AUDIT_STATUS, AuditStatus, ({ process, trouble }) => {
      if (this.received.size < MAX_PROCESSES || this.received.has(process))
        this.received.set(process, { trouble, at: performance.now() });
    });
    this.bus.onChange(() => (this.listeningSince = performance.now()));
  }

  readiness(): { degraded: string[] } {
    if (!this.bus.connected) return { degraded: [] }; // reported separately, and nothing can be received
    const since = performance.now() - AUDIT_STATUS_LIMIT_MS;
    for (const [process, { at }] of this.received) if (at < since) this.received.delete(process);
    if (this.received.size === 0) return { degraded: this.listeningSince < since ? [SILENT] : [] };
    return {
      degraded: [...new Set([...this.received.values()].flatMap(({ trouble }) => (trouble === null ? [] : [MEANING[trouble]])))],
    };
  }
}
