// Holds the records of the audit service against the connections as plain sockets counted them.

/** Length of the PROXY header, which the server sends back: the relay counts it down, and did not count it up. */
const HEADER = 28;
/** Reasons for which an attempt was tried again elsewhere, before a byte reached the server. */
const TRIED_AGAIN = new Set([
  'draining',
  'no relay',
  'link lost',
  'policy stale',
  'journal failed',
  'dial timeout',
  'unreachable',
]);
/** Within this time before it is lost, a relay may have had an end that it had not published. */
const UNPUBLISHED_MS = 1000;

const carried = ({ source, outcome, endReason, state }) =>
  source === 'relay' && (state !== 'final' || outcome === 'completed' || endReason === 'link lost' || endReason === 'relay lost');

/**
 * @param records all of the server since before the first connection
 * @param connections what connections.mjs printed
 * @param mayEnd end reasons of sessions that were cut, besides `drained` none by default
 * @param lostAt when relays were lost, if they were: what ended then or later may have the record of one that was cut
 * @returns `wrong`, sentences about what differs; `of`, the record of each connection; `again`, how many attempts were repeated elsewhere
 */
export function compare(records, connections, mayEnd = [], lostAt = Infinity) {
  const of = new Map();
  const wrong = [];
  const free = new Set(records.filter(carried).sort((a, b) => Date.parse(a.startedAt) - Date.parse(b.startedAt)));
  const take = (connection, matches) => {
    const found = [...free].filter((record) => record.clientAddress === connection.address && matches(record)).at(-1);
    if (found === undefined) return undefined;
    free.delete(found);
    of.set(connection, found);
    return found;
  };
  const answered = connections.filter(({ answeredMs }) => answeredMs !== null);
  // those that ended in order have an exact record, which can be no other's; each of the rest has the last that began on its link by then
  const [cut, ended] = [answered.filter(isCut), answered.filter((connection) => !isCut(connection))];
  for (const connection of ended) {
    const { up, down } = connection;
    const exact = ({ bytesUp, bytesDown, exactness, endReason }) =>
      bytesUp === up && bytesDown === down && exactness === 'exact' && endReason === 'client closed';
    if (take(connection, exact)) continue;
    if (connection.endedAt > lostAt - UNPUBLISHED_MS) cut.push(connection);
    else wrong.push(`no exact record of ${JSON.stringify(connection)}`);
  }
  for (const connection of cut) {
    const { up, down, at, answeredMs } = connection;
    const record = take(connection, ({ startedAt }) => Date.parse(startedAt) <= at + answeredMs);
    if (!record) wrong.push(`no record of a session that was cut: ${JSON.stringify(connection)}`);
    else if (!mayEnd.includes(record.endReason))
      wrong.push(`a session ended as ${record.endReason}: ${JSON.stringify(connection)}`);
    else if (!within(record, up, down))
      wrong.push(`counts that sockets did not see: ${describe(record)}, ${JSON.stringify(connection)}`);
  }
  // a session that no client saw answered: its client gave up, or its relay was lost with it
  const failed = connections.filter(({ answeredMs }) => answeredMs === null).length;
  // one whose relay had opened it when the link was lost, before the agent heard of it: the agent began again, with the same request
  const carriedRequests = new Set([...of.values()].map(({ requestId }) => requestId));
  const unheard = ({ endReason, bytesUp, requestId }) =>
    endReason === 'link lost' && bytesUp === 0 && carriedRequests.has(requestId);
  const invented = [...free].filter((record) => record.bytesDown !== 0 && !unheard(record));
  if (invented.length > failed) wrong.push(...invented.map((record) => `a record without a connection: ${describe(record)}`));
  const attempts = records.filter((record) => !carried(record));
  for (const record of attempts) if (!TRIED_AGAIN.has(record.endReason)) wrong.push(`an attempt ended: ${describe(record)}`);
  const again = attempts.reduce((sum, { repeats }) => sum + repeats, 0);
  return { wrong, of, again };
}

const isCut = ({ cutAt, failed }) => cutAt !== null || failed !== null;

/** Whether the counts of a session that was cut are possible: the server sent back what reached it. */
function within({ bytesUp, bytesDown, exactness }, up, down) {
  if (exactness === 'at least') return bytesUp <= up && bytesDown <= up + HEADER;
  return bytesUp <= up && bytesUp >= down - HEADER && bytesDown >= down && bytesDown <= up + HEADER;
}

const describe = ({ id, clientAddress, startedAt, bytesUp, bytesDown, exactness, state, outcome, endReason }) =>
  JSON.stringify({ id, clientAddress, startedAt, bytesUp, bytesDown, exactness, state, outcome, endReason });
