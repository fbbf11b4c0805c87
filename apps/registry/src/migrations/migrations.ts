import type { MigrationInterface } from 'typeorm';
import { Registry0001 } from './0001-registry.js';
import { Registry0002 } from './0002-settings.js';
import { Registry0003 } from './0003-fleet.js';
import { Registry0004 } from './0004-attempts.js';
import { Registry0005 } from './0005-people.js';
import { Registry0006 } from './0006-reach.js';
import { Registry0007 } from './0007-pending-facts.js';
import { Registry0008 } from './0008-look-ups.js';
import { Registry0009 } from './0009-deleted-accounts.js';
import { Registry0010 } from './0010-first-use.js';
import { Registry0011 } from './0011-since.js';
import { Registry0012 } from './0012-check-mode.js';
import { Registry0013 } from './0013-drain.js';
import { Registry0014 } from './0014-siem.js';
import { Registry0017 } from './0017-history.js';
import { Registry0018 } from './0018-retention.js';
import { Registry0019 } from './0019-authorities.js';

/** The migrations of this service's schema. */
export const MIGRATIONS: (new () => MigrationInterface)[] = [
  Registry0001,
  Registry0002,
  Registry0003,
  Registry0004,
  Registry0005,
  Registry0006,
  Registry0007,
  Registry0008,
  Registry0009,
  Registry0010,
  Registry0011,
  Registry0012,
  Registry0013,
  Registry0014,
  Registry0017,
  Registry0018,
  Registry0019,
];
