import { Controller } from '@nestjs/common';
import {
  certify,
  endOwnLogin,
  endUserLogin,
  explainAccess,
  identifyActor,
  listOwnLogins,
  listUserLogins,
  logIn,
  logOut,
  noteDenied,
  showMe,
} from '@sluice/contracts';
import { actorOf, Answers, type Call } from '@sluice/messaging/nest';
import { DataSource } from 'typeorm';
import { Changes } from '../change/change.js';
import { Presence } from '../presence/presence.js';
import { HealthView } from '../resource/health-view.js';
import { Organization } from '../organization/organization.js';
import { agentFeed } from './agent-feed.js';
import { explainAccessOf } from './explain-access.js';
import { FeedPages } from './feed-pages.js';
import { issueAccountCertificate } from './issue-account-certificate.js';
import { noteDeniedCall } from '../refusal/note-refusal.js';
import { ownerOf } from './change-password.js';
import { endLogin, loginExpiry, openLogin } from './logins.js';
import { pageOfLogins } from './page-of-logins.js';
import { SeenAgents } from './seen-agents.js';
import { SignIn } from './sign-in.js';

/** Handles the operations on logins, and those on the caller's own account. */
@Controller()
export class LoginsRpc {
  private readonly feeds = new FeedPages();
  private readonly agents = new SeenAgents();

  constructor(
    private readonly database: DataSource,
    private readonly changes: Changes,
    private readonly organization: Organization,
    private readonly health: HealthView,
    private readonly presence: Presence,
    private readonly signIn: SignIn,
  ) {}

  @Answers(logIn)
  async logIn(call: Call<typeof logIn>) {
    const { email, password } = call.input;
    const account = await this.signIn.checkPassword({ email, secret: password }, call.clientAddress);
    return this.changes.make({ id: account.id, email: account.email }, call.requestId, (change) =>
      openLogin(change, account, call.clientAddress),
    );
  }

  @Answers(logOut)
  logOut(call: Call<typeof logOut>) {
    return this.changes.makeFor(logOut, call, async (change) => {
      const { accountId, email, loginId } = actorOf(call);
      await endLogin(change, { id: accountId, email }, loginId);
      return {};
    });
  }

  @Answers(listOwnLogins)
  own(call: Call<typeof listOwnLogins>) {
    const { accountId, loginId } = actorOf(call);
    return pageOfLogins(this.database, accountId, loginId, call.input);
  }

  @Answers(endOwnLogin)
  endOwn(call: Call<typeof endOwnLogin>) {
    return this.changes.makeFor(endOwnLogin, call, async (change) => {
      const { accountId, email } = actorOf(call);
      await endLogin(change, { id: accountId, email }, call.input.id);
      return {};
    });
  }

  @Answers(listUserLogins)
  async ofUser(call: Call<typeof listUserLogins>) {
    const page = await pageOfLogins(this.database, call.input.id, actorOf(call).loginId, call.input); // first, because a malformed cursor is reported before an unknown user
    await ownerOf(this.database, call.input.id);
    return page;
  }

  @Answers(endUserLogin)
  async endOfUser(call: Call<typeof endUserLogin>) {
    const owner = await ownerOf(this.database, call.input.id);
    return this.changes.makeFor(endUserLogin, call, async (change) => {
      await endLogin(change, owner, call.input.loginId);
      return {};
    });
  }

  @Answers(certify)
  async certify(call: Call<typeof certify>) {
    const actor = actorOf(call);
    const expiresAt = await loginExpiry(this.database, actor.loginId);
    return issueAccountCertificate(this.database.manager, this.organization, actor, call.input.publicKey, expiresAt);
  }

  @Answers(showMe)
  me(call: Call<typeof showMe>) {
    const actor = actorOf(call);
    if (call.input.version !== undefined) void this.agents.note(this.database, actor.loginId);
    return this.feeds.answer(actor.accountId, call.input, () =>
      agentFeed(this.database, this.organization, this.health, this.presence, actor),
    );
  }

  @Answers(explainAccess)
  explain(call: Call<typeof explainAccess>) {
    return explainAccessOf(this.database, actorOf(call), call.input.id);
  }

  @Answers(identifyActor)
  identify(call: Call<typeof identifyActor>) {
    return actorOf(call);
  }

  @Answers(noteDenied)
  async denied(call: Call<typeof noteDenied>) {
    await noteDeniedCall(this.database, actorOf(call), call.input.operation, call.clientAddress);
    return {};
  }
}
