// What every scene that counts has in common: connections run while something happens to the cluster, and then records are compared with them.
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from './eventually.mjs';
import { compare } from './ledger.mjs';

/** How long the records of the last sessions may take to be complete. */
const RECORDS_WITHIN_SECONDS = 120;

/**
 * Runs a load, and sessions that never rest, around a deed.
 * @param held how many sessions never rest
 * @param mayEnd end reasons that sessions which are cut may have
 * @param deed may give `lostAt`, when relays were lost
 * @returns what the deed gave; `load` and `held`, the connections of each; `of`, the record of each; `wrong`; `shown`, the figures in words
 */
export async function underLoad({ installation, client, sizes }, { held = 0, mayEnd = [] }, deed) {
  const begun = Date.now();
  const port = await client.connect('echo');
  const hold = held > 0 ? client.measure('hold', port, held) : undefined;
  await hold?.begun;
  const loading = client.measure('load', port, sizes.rate);
  let done;
  let load;
  let holding;
  try {
    await sleep(5000);
    done = await deed();
  } finally {
    [load, holding] = await Promise.all([loading.stop(), hold?.stop() ?? []]);
  }
  const connections = [...load, ...holding];
  const answered = connections.filter(({ answeredMs }) => answeredMs !== null).length;
  const complete = async () => {
    const records = await installation.records(begun);
    const live = records.filter(({ state }) => state === 'live').length;
    const sessions = records.filter(({ outcome, state }) => outcome === 'completed' || state !== 'final').length;
    if (live > 0 || sessions < answered) throw new Error(`${live} are live, ${sessions} of ${answered} are there`);
    return records;
  };
  // whatever is missing then is what the comparison finds
  const records = await eventually('records are complete', complete, RECORDS_WITHIN_SECONDS, 5000).catch(() =>
    installation.records(begun),
  );
  const { wrong, of, again } = compare(records, connections, mayEnd, done?.lostAt);
  const failed = load.filter((connection) => connection.failed !== null);
  const times = load.flatMap(({ answeredMs }) => answeredMs ?? []).sort((a, b) => a - b);
  const shown = `${load.length} connects, ${failed.length} failed (median ${times[Math.floor(times.length / 2)]} ms, slowest ${times.at(-1)} ms); ${of.size} records equal to what sockets counted, ${again} attempts repeated at another relay`;
  return { done, load, held: holding, of, wrong: brief(wrong), shown };
}

/** Connects that failed and short sessions that were cut: none may be, unless a scene says otherwise. */
export function failures(load) {
  const failed = load.filter((connection) => connection.failed !== null);
  const cut = load.filter(({ cutAt }) => cutAt !== null);
  const reasons = [...new Set(failed.map((connection) => connection.failed))].join(', ');
  return [
    ...(failed.length > 0 ? [`${failed.length} connects failed: ${reasons}`] : []),
    ...(cut.length > 0 ? [`${cut.length} short sessions were cut`] : []),
  ];
}

/** The first sentences of many. */
export const brief = (sentences, most = 5) =>
  sentences.length <= most ? sentences : [...sentences.slice(0, most), `and ${sentences.length - most} more`];
