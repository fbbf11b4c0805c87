import { Controller } from '@nestjs/common';
import {
  countLiveByServer,
  countLiveSessions,
  listSessionFacts,
  listSessions,
  locateSession,
  notFound,
  showSession,
} from '@sluice/contracts';
import { Bus } from '@sluice/messaging';
import { actorOf, Answers, type Call } from '@sluice/messaging/nest';
import { DataSource } from 'typeorm';
import { countLive, countLiveByServer as byServer } from './count-live.js';
import { askRegistry } from './ids-of-names.js';
import { pageOfFacts } from './page-of-facts.js';
import { searchSessions } from './search-sessions.js';
import { findSession } from './sessions.js';

/** Handles the operations on session records. */
@Controller()
export class SessionsRpc {
  constructor(
    private readonly database: DataSource,
    private readonly bus: Bus,
  ) {}

  @Answers(listSessions)
  list(call: Call<typeof listSessions>) {
    return searchSessions(this.database, askRegistry(this.bus), actorOf(call), call.input);
  }

  @Answers(showSession)
  show(call: Call<typeof showSession>) {
    return findSession(this.database, actorOf(call), call.input.id);
  }

  @Answers(listSessionFacts)
  facts(call: Call<typeof listSessionFacts>) {
    return pageOfFacts(this.database, actorOf(call), call.input);
  }

  @Answers(countLiveSessions)
  async countLive({ input }: Call<typeof countLiveSessions>) {
    return { counts: await countLive(this.database, input) };
  }

  @Answers(countLiveByServer)
  async countLiveByServer() {
    return { servers: await byServer(this.database) };
  }

  @Answers(locateSession)
  async locate(call: Call<typeof locateSession>) {
    const record = await findSession(this.database, actorOf(call), call.input.id);
    if (record.relay === null) throw notFound('running session', call.input.id);
    const name = `${record.account.email ?? record.account.id} to ${record.resource.name ?? record.resource.id}`;
    return { relayId: record.relay.id, live: record.state !== 'final', name }; // includes presumed ends: the relay knows whether the session still runs
  }
}
