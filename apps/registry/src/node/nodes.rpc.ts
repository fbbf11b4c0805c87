import { Controller } from '@nestjs/common';
import {
  createNodeToken,
  deleteNode,
  drainNode,
  enrolNode,
  idsNamed,
  listNodes,
  registerGateway,
  renewNode,
  showNode,
  undrainNode,
  updateNode,
} from '@sluice/contracts';
import { Answers, type Call } from '@sluice/messaging/nest';
import { DataSource } from 'typeorm';
import { Changes } from '../change/change.js';
import { RegistryConfig } from '../config.js';
import { Organization } from '../organization/organization.js';
import { drainNodeIn, undrainNodeIn } from './drain-node.js';
import { RelayCredentials } from './relay-credentials.js';
import { createToken, deleteNodeFrom, enrolRelay, findNode, pageOfNodes, registerGatewayIn } from './nodes.js';
import { readIdsNamed } from './ids-named.js';
import { Presence } from '../presence/presence.js';
import { Workers } from '../presence/workers.js';
import { renameNode } from './rename-node.js';

/** Handles the operations on nodes. */
@Controller()
export class NodesRpc {
  constructor(
    private readonly database: DataSource,
    private readonly changes: Changes,
    private readonly config: RegistryConfig,
    private readonly organization: Organization,
    private readonly presence: Presence,
    private readonly workers: Workers,
    private readonly credentials: RelayCredentials,
  ) {}

  @Answers(listNodes)
  list({ input }: Call<typeof listNodes>) {
    return pageOfNodes(this.database, this.presence, this.workers, input);
  }

  @Answers(showNode)
  show({ input }: Call<typeof showNode>) {
    return findNode(this.database.manager, this.presence, input.id);
  }

  @Answers(idsNamed)
  idsNamed({ input }: Call<typeof idsNamed>) {
    return readIdsNamed(this.database, input);
  }

  @Answers(createNodeToken)
  createToken(call: Call<typeof createNodeToken>) {
    return this.changes.makeFor(createNodeToken, call, (change) => createToken(change, this.config.publicUrl, call.input));
  }

  @Answers(updateNode)
  update(call: Call<typeof updateNode>) {
    return this.changes.makeFor(updateNode, call, (change) => renameNode(change, this.presence, call.input));
  }

  @Answers(deleteNode)
  delete(call: Call<typeof deleteNode>) {
    return this.changes.makeFor(deleteNode, call, async (change) => {
      await deleteNodeFrom(change, call.input);
      return {};
    });
  }

  @Answers(drainNode)
  drain(call: Call<typeof drainNode>) {
    return this.changes.makeFor(drainNode, call, async (change) => {
      await drainNodeIn(change, call.input);
      return findNode(change.tx, this.presence, call.input.id);
    });
  }

  @Answers(undrainNode)
  undrain(call: Call<typeof undrainNode>) {
    return this.changes.makeFor(undrainNode, call, async (change) => {
      await undrainNodeIn(change, call.input);
      return findNode(change.tx, this.presence, call.input.id);
    });
  }

  @Answers(enrolNode)
  enrol(call: Call<typeof enrolNode>) {
    return this.changes.make({ id: 'node', email: '' }, call.requestId, async (change) => {
      const node = await enrolRelay(change, call.input);
      return this.credentials.issue(change.tx, node, call.input);
    });
  }

  @Answers(renewNode)
  async renew(call: Call<typeof renewNode>) {
    const node = await this.credentials.renewingNode(this.database, call.input);
    return this.credentials.issue(this.database.manager, node, call.input);
  }

  @Answers(registerGateway)
  register(call: Call<typeof registerGateway>) {
    return this.changes.make({ id: 'gateway', email: '' }, call.requestId, (change) =>
      registerGatewayIn(change, this.organization, call.input),
    );
  }
}
