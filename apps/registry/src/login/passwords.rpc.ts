import { Controller } from '@nestjs/common';
import { changePassword, ProblemError, resetPassword, setPassword, unauthenticated } from '@sluice/contracts';
import { actorOf, Answers, type Call } from '@sluice/messaging/nest';
import { Changes } from '../change/change.js';
import { hashNewPassword, putPassword, resetPasswordOf, useCode } from './change-password.js';
import { SignIn } from './sign-in.js';

/** Handles the operations on passwords. */
@Controller()
export class PasswordsRpc {
  constructor(
    private readonly changes: Changes,
    private readonly signIn: SignIn,
  ) {}

  @Answers(changePassword)
  async change(call: Call<typeof changePassword>) {
    const { accountId, email, loginId } = actorOf(call);
    const { oldPassword, newPassword } = call.input;
    const checked = this.signIn.checkPassword({ email, secret: oldPassword }, call.clientAddress);
    const owner = await checked.catch((error: unknown) => {
      if (error instanceof ProblemError && error.problem.status === 401)
        throw new ProblemError(403, 'wrong_password', 'the old password is wrong', { field: 'oldPassword' }); // not 401, because the login itself is valid
      throw error;
    });
    if (owner.id !== accountId) throw unauthenticated();
    const hash = await hashNewPassword(newPassword, owner);
    return this.changes.makeFor(changePassword, call, async (change) => {
      await putPassword(change, owner, hash, loginId);
      return {};
    });
  }

  @Answers(setPassword)
  async set(call: Call<typeof setPassword>) {
    const { email, code, newPassword } = call.input;
    const account = await this.signIn.checkCode({ email, secret: code }, call.clientAddress);
    const hash = await hashNewPassword(newPassword, account);
    return this.changes.make({ id: account.id, email: account.email }, call.requestId, async (change) => {
      await useCode(change, account, hash);
      return {};
    });
  }

  @Answers(resetPassword)
  reset(call: Call<typeof resetPassword>) {
    return this.changes.makeFor(resetPassword, call, (change) => resetPasswordOf(change, call.input));
  }
}
