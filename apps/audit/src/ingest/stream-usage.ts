import type { Log } from '@sluice/process';
import { Gauge } from 'prom-client';
import type { StreamView } from './audit-stream.js';

/** The share of the limit from which on operators are warned. */
const WARN_FROM = 0.8;

const bytesHeld = new Gauge({ name: 'sluice_audit_stream_bytes', help: 'bytes of facts that JetStream keeps' });
const bytesLimit = new Gauge({ name: 'sluice_audit_stream_limit_bytes', help: 'bytes at which JetStream rejects more facts' });

/** How full the stream of facts is. When it is full, relays keep their facts, and accept sessions until their journals are full too. */
export class StreamUsage {
  private percent: number | undefined;

  /** A warning for operators; undefined while there is enough room. */
  get trouble(): string | undefined {
    if (this.percent === undefined) return undefined;
    return `the stream of facts is ${this.percent} % full: raise SLUICE_AUDIT_STREAM_BYTES, and the storage of NATS`;
  }

  /** Updates the metrics, and logs when the warning appears and when it ends. */
  note({ bytes, limit }: StreamView, log: Log): void {
    bytesHeld.set(bytes);
    bytesLimit.set(limit);
    const share = limit > 0 ? bytes / limit : 0;
    const before = this.percent;
    this.percent = share < WARN_FROM ? undefined : Math.floor(share * 100);
    if (before === undefined && this.trouble !== undefined) log.error({ bytes, limit }, this.trouble);
    if (before !== undefined && this.percent === undefined) log.info('the stream of facts has room again');
  }
}
