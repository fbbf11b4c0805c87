import { Controller } from '@nestjs/common';
import { addUser, deleteUser, listUsers, resumeUser, showUser, suspendUser, updateUser } from '@sluice/contracts';
import { Answers, type Call } from '@sluice/messaging/nest';
import { DataSource } from 'typeorm';
import { Changes } from '../change/change.js';
import { updateUserIn } from './update-user.js';
import { addUserTo, findUser, pageOfUsers, setUserStatus } from './users.js';

/** Handles the operations on users. */
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

  @Answers(showUser)
  show({ input }: Call<typeof showUser>) {
    return findUser(this.database.manager, input.id);
  }

  @Answers(updateUser)
  update(call: Call<typeof updateUser>) {
    return this.changes.makeFor(updateUser, call, (change) => updateUserIn(change, call.input));
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
