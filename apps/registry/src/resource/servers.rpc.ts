import { Controller } from '@nestjs/common';
import { addServer, deleteServer, listServers, previewServer, showServer, updateServer } from '@sluice/contracts';
import { Mutex } from '@sluice/domain';
import { Answers, type Call } from '@sluice/messaging/nest';
import { DataSource } from 'typeorm';
import { Changes } from '../change/change.js';
import { HealthView } from './health-view.js';
import { addServerTo, deleteServerFrom, findServer, pageOfServers, updateServerIn } from './servers.js';

/** Handles the operations on servers. */
@Controller()
export class ServersRpc {
  /** Addresses are assigned under a database lock. This mutex keeps simultaneous requests from occupying all connections while they wait for it. */
  private readonly assigning = new Mutex();
  private readonly healthOf = (id: string) => this.health.of(id);

  constructor(
    private readonly database: DataSource,
    private readonly changes: Changes,
    private readonly health: HealthView,
  ) {}

  @Answers(listServers)
  list({ input }: Call<typeof listServers>) {
    return pageOfServers(this.database, input, this.health);
  }

  @Answers(showServer)
  show({ input }: Call<typeof showServer>) {
    return findServer(this.database, input.id, this.healthOf);
  }

  @Answers(addServer)
  add(call: Call<typeof addServer>) {
    return this.changes.makeFor(addServer, call, (change) => addServerTo(change, call.input, this.healthOf), this.assigning);
  }

  @Answers(previewServer)
  preview({ input, requestId }: Call<typeof previewServer>) {
    return this.assigning.run(() =>
      this.changes.preview(requestId, async (change) => {
        const { bindAddress, portOverride, dns } = await addServerTo(change, input, this.healthOf);
        return { bindAddress, portOverride, dns };
      }),
    );
  }

  @Answers(updateServer)
  update(call: Call<typeof updateServer>) {
    return this.changes.makeFor(
      updateServer,
      call,
      (change) => updateServerIn(change, call.input, this.healthOf),
      this.assigning,
    );
  }

  @Answers(deleteServer)
  delete(call: Call<typeof deleteServer>) {
    return this.changes.makeFor(deleteServer, call, async (change) => {
      await deleteServerFrom(change, call.input);
      return {};
    });
  }
}
