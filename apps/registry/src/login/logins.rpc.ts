import { Controller } from '@nestjs/common';
import { certify, identifyActor, logIn, logOut, showMe } from '@sluice/contracts';
import { actorOf, Answers, type Call } from '@sluice/messaging/nest';
import { DataSource } from 'typeorm';
import { Changes } from '../change/change.js';
import { Presence } from '../node/presence.js';
import { HealthView } from '../resource/health-view.js';
import { Organization } from '../organization/organization.js';
import { agentFeed } from './agent-feed.js';
import { FailedLogins } from './failed-logins.js';
import { issueAccountCertificate } from './issue-account-certificate.js';
import { checkPassword, endLogin, loginExpiry, openLogin } from './logins.js';

/** Answers what concerns the caller's own login. */
@Controller()
export class LoginsRpc {
  constructor(
    private readonly database: DataSource,
    private readonly changes: Changes,
    private readonly organization: Organization,
    private readonly health: HealthView,
    private readonly presence: Presence,
    private readonly failed: FailedLogins,
  ) {}

  @Answers(logIn)
  async logIn(call: Call<typeof logIn>) {
    const account = await checkPassword(this.database, this.failed, call.input);
    return this.changes.make({ id: account.id, email: account.email }, call.requestId, (change) => openLogin(change, account));
  }

  @Answers(logOut)
  logOut(call: Call<typeof logOut>) {
    return this.changes.makeFor(logOut, call, async (change) => {
      await endLogin(change, actorOf(call));
      return {};
    });
  }

  @Answers(certify)
  async certify(call: Call<typeof certify>) {
    const actor = actorOf(call);
    const expiresAt = await loginExpiry(this.database, actor.loginId);
    return issueAccountCertificate(this.organization, actor, call.input.publicKey, expiresAt);
  }

  @Answers(showMe)
  me(call: Call<typeof showMe>) {
    return agentFeed(this.database, this.organization, this.health, this.presence, actorOf(call));
  }

  @Answers(identifyActor)
  identify(call: Call<typeof identifyActor>) {
    return actorOf(call);
  }
}
