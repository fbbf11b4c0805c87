import type { RelayStarted } from '@sluice/contracts';
import { type Draft, draft, type KnownFact } from './draft.js';

/** A relay began a new journal. */
export const relayStartOf = ({ relay, cluster, journal, before }: RelayStarted): Draft =>
  draft({
    of: 'application_lifecycle',
    activity: 'start',
    severity: 'informational',
    status: 'success',
    message: `relay ${relay.name} began a new journal`,
    attributes: { app: { uid: relay.id, name: 'Sluice relay', vendor_name: 'Sluice' } },
    unmapped: { relay: relay.name, cluster, journal, before },
  });

/** A service began a new chain of facts. */
export const serviceStartOf = ({ author }: KnownFact): Draft =>
  draft({
    of: 'application_lifecycle',
    activity: 'start',
    severity: 'informational',
    status: 'success',
    message: `the ${author} service began a new chain of facts`,
    attributes: { app: { uid: author, name: `Sluice ${author} service`, vendor_name: 'Sluice' } },
  });
