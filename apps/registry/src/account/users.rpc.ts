import { Controller } from '@nestjs/common';
import { addUser, deleteUser, listUsers, resumeUser, suspendUser } from '@sluice/contracts';
import { Answers, type Call } from '@sluice/messaging/nest';
import { DataSource } from 'typeorm';
import { Changes } from '../change/change.js';
import { addUserTo, pageOfUsers, setUserStatus } from './users.js';

/** Answers what concerns users. */
@Controller()
export class UsersRpc {
  constructor(
    private readonly database: DataSource,
    private readonly changes: Changes,
  ) {}

  @Answers(listUsers)
  list({ input }: Call<typeof listUsers>) {
    return pageOfUsers(this.database, input);
  }

  @Answers(addUser)
  add(call: Call<typeof addUser>) {
    return this.changes.makeFor(addUser, call, (change) => addUserTo(change, call.input));
  }

  @Answers(suspendUser)
  suspend(call: Call<typeof suspendUser>) {
    return this.changes.makeFor(suspendUser, call, (change) => setUserStatus(change, call.input, 'suspended', 'suspended'));
  }

  @Answers(resumeUser)
  resume(call: Call<typeof resumeUser>) {
    return this.changes.makeFor(resumeUser, call, (change) => setUserStatus(change, call.input, 'active', 'resumed'));
  }

  @Answers(deleteUser)
  delete(call: Call<typeof deleteUser>) {
    return this.changes.makeFor(deleteUser, call, async (change) => {
      await setUserStatus(change, call.input, 'deleted', 'deleted');
      return {};
    });
  }
}
