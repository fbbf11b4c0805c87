import { randomUUID } from 'node:crypto';
import { Controller } from '@nestjs/common';
import { createHold, type Hold, liftHold, placeHold, releaseHold, showHold } from '@sluice/contracts';
import { Bus } from '@sluice/messaging';
import { Answers, type Call } from '@sluice/messaging/nest';
import { Changes, type Named } from '../change/change.js';
import { refusedBy } from '../change/refused.js';

/**
 * Handles changes of legal holds. The audit service keeps them, beside the evidence that they are of; the registry records who wanted
 * them. The order makes each failure harmless: a hold without an activity only keeps more than was asked for, and what was recorded
 * as released and is not can be released again.
 */
@Controller()
export class HoldsRpc {
  constructor(
    private readonly changes: Changes,
    private readonly bus: Bus,
  ) {}

  @Answers(createHold)
  create(call: Call<typeof createHold>): Promise<Hold> {
    const { since, until } = call.input;
    if (since != null && until != null && Date.parse(since) >= Date.parse(until)) {
      const message = 'a hold ends later than it begins';
      throw refusedBy({ code: 'hold_time_invalid', message, field: 'until', value: until });
    }
    return this.changes.makeFor(createHold, call, async (change) => {
      const hold = await this.bus.call(placeHold, { ...call.input, id: randomUUID() }, call);
      await change.record('created', named(hold), null, hold);
      return hold;
    });
  }

  @Answers(releaseHold)
  async release(call: Call<typeof releaseHold>): Promise<Hold> {
    const hold = await this.bus.call(showHold, call.input, call);
    if (hold.releasedAt !== null) return hold;
    const { email } = call.actor ?? { email: '' };
    await this.changes.makeFor(releaseHold, call, async (change) => {
      await change.record('released', named(hold), hold, { ...hold, releasedBy: email });
      return hold;
    });
    return this.bus.call(liftHold, call.input, call);
  }
}

const named = ({ id, reason }: Hold): Named => ({ kind: 'hold', id, name: reason });
