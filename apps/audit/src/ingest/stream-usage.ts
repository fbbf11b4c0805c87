import { AUDIT_METRICS } from '@sluice/contracts';
import { gaugeOf, type Log } from '@sluice/process';
import type { StreamView } from './audit-stream.js';

/** The share of the limit from which on operators are warned. */
const WARN_FROM = 0.8;

const bytesHeld = gaugeOf(AUDIT_METRICS.streamBytes);
const bytesLimit = gaugeOf(AUDIT_METRICS.streamLimit);

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
