/** The release that this code is, as package.json has it. Nodes publish theirs, because not all are upgraded at the same time. */
export const RELEASE = '0.1.0';

/** The oldest release that this one works with; older ones are refused. It is raised together with a line in docs/wire.md. */
export const OLDEST_NEIGHBOUR = '0.1.0';

/** The last release whose peers may not say which release they are. */
const LAST_SILENT = '0.1.0';

/** HTTP header in which agents and relays say their release; the gateway says its own in the response to such a request. */
export const RELEASE_HEADER = 'sluice-release';

const PATTERN = /^(\d{1,5})\.(\d{1,5})\.(\d{1,5})(?:-[\w.]{1,20})?$/;

/** The numbers of a release such as `1.2.3` or `1.2.3-rc.1`; undefined for any other text. */
const numbersOf = (release: string): number[] | undefined => PATTERN.exec(release)?.slice(1, 4).map(Number);

/** Whether a release is older than another; a text that is no release is older than any. */
function isOlder(release: string, than: string): boolean {
  const numbers = numbersOf(release);
  if (numbers === undefined) return true;
  const others = numbersOf(than) ?? [];
  const at = numbers.findIndex((number, index) => number !== others[index]);
  return at >= 0 && (numbers[at] as number) < (others[at] ?? 0);
}

/**
 * Why a peer is too old to work with, for people; undefined if it is not. A release that cannot be read is never repeated, because
 * the peer chose it.
 * @param peer what runs that release: `the gateway`
 * @param release as the peer says; undefined if it does not
 */
export function upgradeNeeded(peer: string, release: string | undefined, oldest: string = OLDEST_NEIGHBOUR): string | undefined {
  const said = release ?? LAST_SILENT;
  if (!isOlder(said, oldest)) return undefined;
  const runs = numbersOf(said) === undefined ? 'a release that cannot be read' : said;
  return `${peer} runs ${runs}: upgrade needed, at least ${oldest}`;
}
