import type { CheckMode, ConnectivityMode, OwnSettings, Tags } from '@sluice/domain';
import { EntitySchema } from 'typeorm';

/** A resource: one TCP service that people reach through Sluice. */
export interface ResourceRow {
  id: string;
  version: number;
  name: string;
  nameKey: string;
  clusterId: string;
  hostname: string;
  port: number;
  connectivityMode: ConnectivityMode;
  bindAddress: string;
  portOverride: number;
  dns: string | null;
  tags: Tags;
  settings: OwnSettings;
  proxyProtocol: boolean;
  check: CheckMode;
  createdAt: Date;
}

export const ResourceTable = new EntitySchema<ResourceRow>({
  name: 'resource',
  columns: {
    id: { type: 'uuid', primary: true },
    version: { type: 'int' },
    name: { type: 'text' },
    nameKey: { type: 'text', name: 'name_key' },
    clusterId: { type: 'text', name: 'cluster_id' },
    hostname: { type: 'text' },
    port: { type: 'int' },
    connectivityMode: { type: 'text', name: 'connectivity_mode' },
    bindAddress: { type: 'text', name: 'bind_address' },
    portOverride: { type: 'int', name: 'port_override' },
    dns: { type: 'text', nullable: true },
    tags: { type: 'jsonb' },
    settings: { type: 'jsonb' },
    proxyProtocol: { type: 'boolean', name: 'proxy_protocol' },
    check: { type: 'text', name: 'check_mode' },
    createdAt: { type: 'timestamptz', name: 'created_at', createDate: true },
  },
});
