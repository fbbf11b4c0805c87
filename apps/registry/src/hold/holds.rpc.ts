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
    const [from, to] = [momentOf('since', since), momentOf('until', until)];
    if (from !== undefined && to !== undefined && from >= to) throw invalid('until', until, 'a hold ends later than it begins');
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

/** In milliseconds since 1970; undefined if none is given. */
function momentOf(field: string, text: string | null | undefined): number | undefined {
  if (text === null || text === undefined) return undefined;
  const at = Date.parse(text);
  if (!(at >= EARLIEST && at < LATEST)) throw invalid(field, text, 'the times of a hold are between 1970 and 2200');
  return at;
}
const [EARLIEST, LATEST] = [0, Date.UTC(2200)];

const invalid = (field: string, value: string | null | undefined, message: string) =>
  refusedBy({ code: 'hold_time_invalid', message, field, value: value ?? '' });

const named = ({ id, reason }: Hold): Named => ({ kind: 'hold', id, name: reason });
