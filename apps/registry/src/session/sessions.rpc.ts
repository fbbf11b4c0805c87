import { Controller } from '@nestjs/common';
import { endSession, EndSessionReply, locateSession, notFound, relaySubjects } from '@sluice/contracts';
import { Bus } from '@sluice/messaging';
import { actorOf, Answers, type Call } from '@sluice/messaging/nest';
import { Changes } from '../change/change.js';

/** Handles the ending of sessions. The audit service knows the relay of a session, the relay ends it, and the registry records who requested it and why. */
@Controller()
export class SessionsRpc {
  constructor(
    private readonly changes: Changes,
    private readonly bus: Bus,
  ) {}

  @Answers(endSession)
  async end(call: Call<typeof endSession>) {
    const { id } = call.input;
    const why = call.input.why ?? null;
    const actor = actorOf(call);
    const { relayId, live, name = null } = await this.bus.call(locateSession, { id }, call);
    if (!live) return { ended: false };
    await this.changes.makeFor(endSession, call, async (change) => {
      await change.record('ended', { kind: 'session', id, name }, null, { why });
      return { ended: true };
    });
    const by = { id: actor.accountId, email: actor.email };
    const { found } = await this.bus.request(
      relaySubjects(relayId).endSession,
      { sessionId: id, by, why },
      EndSessionReply,
      'the relay of this session',
    );
    if (!found) throw notFound('running session', id);
    return { ended: true };
  }
}
