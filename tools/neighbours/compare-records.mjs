// What the records of a set of connections must be, and what must not change when an installation is upgraded.

const exactly = ({ up, down }) => `${up} up, ${down} down, completed, exact`;
const asRecorded = ({ bytesUp, bytesDown, outcome, exactness, state }) =>
  `${bytesUp} up, ${bytesDown} down, ${outcome ?? state}, ${exactness ?? 'no exactness'}`;

/** What of a list is not in another one, each as often as it is missing. */
function withoutThose(list, others) {
  const left = [...others];
  return list.filter((item) => {
    const at = left.indexOf(item);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
}

/**
 * Compares connections, as plain sockets counted them, with their records.
 * @returns a sentence for each connection without its record, and for each record without its connection
 */
export function compareRecords(connections, records) {
  const [wanted, found] = [connections.map(exactly), records.map(asRecorded)];
  return [
    ...withoutThose(wanted, found).map((what) => `no record of a connection: ${what}`),
    ...withoutThose(found, wanted).map((what) => `a record of no connection: ${what}`),
  ];
}

/** Fields that say what is at present, and not what was. */
const OF_THE_MOMENT = [
  ...['version', 'state', 'health', 'nodes', 'sessions', 'bytesPerSecond', 'release', 'lastSeenAt', 'reach'],
  ...['servers', 'serverCount', 'lastUsedAt', 'lastUsedAddress'],
];

/**
 * What of the objects that there were before an upgrade is missing or changed after it. Fields that are new do not count.
 * @param what they are, such as `record`
 */
export function whatChanged(what, before, after) {
  const now = new Map(after.map((object) => [object.id, object]));
  return before.flatMap((object) => {
    const kept = now.get(object.id);
    if (kept === undefined) return [`the ${what} ${object.name ?? object.id} is missing`];
    const fields = Object.keys(object).filter((field) => !OF_THE_MOMENT.includes(field));
    return fields
      .filter((field) => JSON.stringify(object[field]) !== JSON.stringify(kept[field]))
      .map((field) => `the ${field} of the ${what} ${object.name ?? object.id} has changed`);
  });
}
