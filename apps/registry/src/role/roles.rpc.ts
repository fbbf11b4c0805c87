import { Controller } from '@nestjs/common';
import {
  addRole,
  assignRole,
  deleteRole,
  grantRole,
  listRoles,
  revokeRole,
  showRole,
  unassignRole,
  updateRole,
} from '@sluice/contracts';
import { Answers, type Call } from '@sluice/messaging/nest';
import { DataSource } from 'typeorm';
import { Changes } from '../change/change.js';
import { addRoleTo, deleteRoleFrom, pageOfRoles, readRole, renameRole, setMember } from './roles.js';

/** Handles the operations on roles. */
@Controller()
export class RolesRpc {
  constructor(
    private readonly database: DataSource,
    private readonly changes: Changes,
  ) {}

  @Answers(listRoles)
  list({ input }: Call<typeof listRoles>) {
    return pageOfRoles(this.database, input);
  }

  @Answers(addRole)
  add(call: Call<typeof addRole>) {
    return this.changes.makeFor(addRole, call, (change) => addRoleTo(change, call.input));
  }

  @Answers(showRole)
  show({ input }: Call<typeof showRole>) {
    return readRole(this.database.manager, input.id);
  }

  @Answers(updateRole)
  update(call: Call<typeof updateRole>) {
    return this.changes.makeFor(updateRole, call, (change) => renameRole(change, call.input));
  }

  @Answers(deleteRole)
  delete(call: Call<typeof deleteRole>) {
    return this.changes.makeFor(deleteRole, call, async (change) => {
      await deleteRoleFrom(change, call.input);
      return {};
    });
  }

  @Answers(grantRole)
  grant(call: Call<typeof grantRole>) {
    return this.changes.makeFor(grantRole, call, (change) =>
      setMember(change, call.input.id, 'server', call.input.serverId, true),
    );
  }

  @Answers(revokeRole)
  revoke(call: Call<typeof revokeRole>) {
    return this.changes.makeFor(revokeRole, call, (change) =>
      setMember(change, call.input.id, 'server', call.input.serverId, false),
    );
  }

  @Answers(assignRole)
  assign(call: Call<typeof assignRole>) {
    return this.changes.makeFor(assignRole, call, (change) => setMember(change, call.input.id, 'user', call.input.userId, true));
  }

  @Answers(unassignRole)
  unassign(call: Call<typeof unassignRole>) {
    return this.changes.makeFor(unassignRole, call, (change) =>
      setMember(change, call.input.id, 'user', call.input.userId, false),
    );
  }
}
