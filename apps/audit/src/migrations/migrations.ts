import type { MigrationInterface } from 'typeorm';
import { Audit0001 } from './0001-audit.js';
import { Audit0002 } from './0002-agent-counts.js';
import { Audit0003 } from './0003-position.js';
import { Audit0004 } from './0004-evidence.js';
import { Audit0005 } from './0005-presumed.js';
import { Audit0006 } from './0006-silence.js';
import { Audit0007 } from './0007-bounds.js';
import { Audit0008 } from './0008-bytes.js';
import { Audit0009 } from './0009-foreign.js';
import { Audit0010 } from './0010-beginning.js';
import { Audit0013 } from './0013-export.js';
import { Audit0014 } from './0014-session-facts.js';
import { Audit0015 } from './0015-altered.js';
import { Audit0016 } from './0016-findings.js';
import { Audit0017 } from './0017-heads.js';
import { Audit0018 } from './0018-heartbeat.js';
import { Audit0019 } from './0019-search.js';
import { Audit0022 } from './0022-names.js';
import { Audit0023 } from './0023-history.js';
import { Audit0024 } from './0024-retention.js';

/** The migrations of this service's schema. */
export const MIGRATIONS: (new () => MigrationInterface)[] = [
  Audit0001,
  Audit0002,
  Audit0003,
  Audit0004,
  Audit0005,
  Audit0006,
  Audit0007,
  Audit0008,
  Audit0009,
  Audit0010,
  Audit0013,
  Audit0014,
  Audit0015,
  Audit0016,
  Audit0017,
  Audit0018,
  Audit0019,
  Audit0022,
  Audit0023,
  Audit0024,
];
