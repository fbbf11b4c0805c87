import { Controller } from '@nestjs/common';
import { countLiveSessions, listServerAccess, listUserAccess, ProblemError } from '@sluice/contracts';
import { Bus } from '@sluice/messaging';
import { Answers, type Call } from '@sluice/messaging/nest';
import { DataSource } from 'typeorm';
import { type CountLive, pageOfServerAccess, pageOfUserAccess } from './page-of-access.js';

/** Handles the questions who may reach a server, and what a user may reach. The audit service counts the sessions that run. */
@Controller()
export class AccessRpc {
  constructor(
    private readonly database: DataSource,
    private readonly bus: Bus,
  ) {}

  @Answers(listServerAccess)
  ofServer(call: Call<typeof listServerAccess>) {
    return pageOfServerAccess(this.database, call.input, this.countLiveFor(call));
  }

  @Answers(listUserAccess)
  ofUser(call: Call<typeof listUserAccess>) {
    return pageOfUserAccess(this.database, call.input, this.countLiveFor(call));
  }

  /** Access is listed also while the audit service is away; the number of live sessions is then unknown. */
  private countLiveFor(call: Call<typeof listServerAccess> | Call<typeof listUserAccess>): CountLive {
    return async (accountIds, resourceIds) => {
      if (accountIds.length === 0 || resourceIds.length === 0) return () => 0;
      try {
        const { counts } = await this.bus.call(countLiveSessions, { accountIds, resourceIds }, call);
        const sessions = new Map(counts.map((each) => [`${each.accountId} ${each.resourceId}`, each.sessions]));
        return (accountId, resourceId) => sessions.get(`${accountId} ${resourceId}`) ?? 0;
      } catch (error) {
        if (error instanceof ProblemError && error.problem.status === 503) return () => null;
        throw error;
      }
    };
  }
}
