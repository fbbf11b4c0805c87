import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { AUDIT_STATUS, AUDIT_STATUS_LIMIT_MS, AuditStatus, type AuditTrouble } from '@sluice/contracts';
import { Bus } from '@sluice/messaging';
import type { ReportsReadiness } from '@sluice/process/nest';

const SEE_LOG = 'the reason is in its log and its own readiness';

/** What each trouble of the audit service means to those who use the system. */
const SAYS: Record<AuditTrouble, string> = {
  database: `audit: facts wait, because PostgreSQL does not take them; ${SEE_LOG}`,
  stream: `audit: facts wait, because NATS does not deliver them; ${SEE_LOG}`,
  fault: `audit: facts wait, because the audit service fails; ${SEE_LOG}`,
  housekeeping: `audit: gaps, integrity facts and lost sessions wait; ${SEE_LOG}`,
};
const SILENT = 'audit: facts wait, because no audit service has answered for a while';
/** Processes of the audit service that are remembered. */
const MAX_PROCESSES = 100;

/** Knows whether the audit service stores facts, from what its processes publish. A session goes on without it, so nobody else would notice. */
@Injectable()
export class AuditWatch implements OnApplicationBootstrap, ReportsReadiness {
  private readonly heard = new Map<string, { readonly trouble: AuditTrouble | null; readonly at: number }>();
  /** Since when a message could have been received. */
  private listeningSince = performance.now();

  constructor(private readonly bus: Bus) {}

  onApplicationBootstrap(): void {
    this.bus.subscribe(AUDIT_STATUS, AuditStatus, ({ process, trouble }) => {
      if (this.heard.size < MAX_PROCESSES || this.heard.has(process)) this.heard.set(process, { trouble, at: performance.now() });
    });
    this.bus.onChange(() => (this.listeningSince = performance.now()));
  }

  readiness(): { degraded: string[] } {
    if (!this.bus.connected) return { degraded: [] }; // reported for itself, and nothing can be heard
    const since = performance.now() - AUDIT_STATUS_LIMIT_MS;
    for (const [process, { at }] of this.heard) if (at < since) this.heard.delete(process);
    if (this.heard.size === 0) return { degraded: this.listeningSince < since ? [SILENT] : [] };
    return {
      degraded: [...new Set([...this.heard.values()].flatMap(({ trouble }) => (trouble === null ? [] : [SAYS[trouble]])))],
    };
  }
}
