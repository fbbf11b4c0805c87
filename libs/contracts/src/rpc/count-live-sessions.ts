import { z } from 'zod';
import { Id, operation, READERS } from '../operation.js';

const ids = z.array(Id).max(500);

/** Internal: the registry asks the audit service how many sessions are running between accounts and resources. It has no HTTP route. */
export const countLiveSessions = operation({
  id: 'sessions.count-live',
  owner: 'audit',
  callers: READERS,
  summary: 'Count the running sessions of each of these accounts to each of these resources; pairs without any are omitted',
  method: 'POST',
  path: '',
  input: z.strictObject({ accountIds: ids, resourceIds: ids }),
  output: z.object({ counts: z.array(z.object({ accountId: z.string(), resourceId: z.string(), sessions: z.int() })) }),
});
