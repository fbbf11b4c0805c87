import { Controller } from '@nestjs/common';
import { addRole, assignRole, grantRole, listRoles, revokeRole, unassignRole } from '@sluice/contracts';
import { Answers, type Call } from '@sluice/messaging/nest';
import { DataSource } from 'typeorm';
import { Changes } from '../change/change.js';
import { addRoleTo, pageOfRoles, setMember } from './roles.js';

/** Answers what concerns roles. */
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
