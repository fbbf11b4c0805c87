import { Controller } from '@nestjs/common';
import {
  addCluster,
  createClusterKey,
  deleteCluster,
  listClusterKeys,
  listClusters,
  revokeClusterKey,
  showCluster,
  showClusterKey,
  updateCluster,
} from '@sluice/contracts';
import { Answers, type Call } from '@sluice/messaging/nest';
import { DataSource } from 'typeorm';
import { Changes } from '../change/change.js';
import { RegistryConfig } from '../config.js';
import { Workers } from '../presence/workers.js';
import { createKey, findKey, pageOfKeys, revokeKey } from './cluster-keys.js';
import { addClusterTo, deleteClusterFrom, findCluster, pageOfClusters, renameCluster } from './clusters.js';

/** Handles the operations on proxy clusters and their keys. */
@Controller()
export class ClustersRpc {
  constructor(
    private readonly database: DataSource,
    private readonly changes: Changes,
    private readonly config: RegistryConfig,
    private readonly workers: Workers,
  ) {}

  @Answers(listClusters)
  list({ input }: Call<typeof listClusters>) {
    return pageOfClusters(this.database, this.workers, input);
  }

  @Answers(addCluster)
  add(call: Call<typeof addCluster>) {
    return this.changes.makeFor(addCluster, call, (change) => addClusterTo(change, this.workers, call.input));
  }

  @Answers(showCluster)
  show({ input }: Call<typeof showCluster>) {
    return findCluster(this.database.manager, this.workers, input.id);
  }

  @Answers(updateCluster)
  update(call: Call<typeof updateCluster>) {
    return this.changes.makeFor(updateCluster, call, (change) => renameCluster(change, this.workers, call.input));
  }

  @Answers(deleteCluster)
  delete(call: Call<typeof deleteCluster>) {
    return this.changes.makeFor(deleteCluster, call, async (change) => {
      await deleteClusterFrom(change, call.input);
      return {};
    });
  }

  @Answers(listClusterKeys)
  listKeys({ input }: Call<typeof listClusterKeys>) {
    return pageOfKeys(this.database, input);
  }

  @Answers(showClusterKey)
  showKey({ input }: Call<typeof showClusterKey>) {
    return findKey(this.database.manager, input.id);
  }

  @Answers(createClusterKey)
  createKey(call: Call<typeof createClusterKey>) {
    const at = {
      publicUrl: this.config.publicUrl,
      by: call.actor?.email ?? '',
    };
    return this.changes.makeFor(createClusterKey, call, (change) => createKey(change, at, call.input));
  }

  @Answers(revokeClusterKey)
  revokeKey(call: Call<typeof revokeClusterKey>) {
    return this.changes.makeFor(revokeClusterKey, call, (change) => revokeKey(change, call.input.id));
  }
}
