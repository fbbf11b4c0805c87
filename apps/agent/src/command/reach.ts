import { plainText } from '@sluice/domain';
import type { Schemas } from '@sluice/sdk';
import { colorsOf } from '../terminal/colors.js';
import { jsonText } from '../terminal/json-text.js';
import type { Output } from '../terminal/output.js';
import { showTime } from '../terminal/show.js';

type Reach = Schemas['Reach'];

/** Exit status of a change that is committed, but that some relay may not have applied yet. */
const NOT_EVERYWHERE = 3;

/**
 * Prints that something was taken away, as a response or a sentence, and how many relays have applied it. If a relay may not
 * have applied it yet, a warning is printed instead of the sentence, and the exit status is 3.
 */
export function printWithdrawn<T extends { reach?: Reach | undefined }>(out: Output, answer: T, sentence: string): void {
  out.value(answer, () => {
    if (isEverywhere(answer.reach)) out.line(`${sentence}${countOf(answer.reach)}`);
  });
  warnOfMissing(out, answer.reach);
}

/** Prints how many relays have applied a change whose response was printed already, or the same warning. */
export function printReach(out: Output, reach: Reach | undefined): void {
  if (isEverywhere(reach)) {
    const text = countOf(reach).trimStart();
    if (text !== '') out.line(text);
  }
  warnOfMissing(out, reach);
}

/** Whether all relays have applied a change; a registry of an older release does not report the reach. */
const isEverywhere = (reach: Reach | undefined): boolean =>
  reach === undefined || (reach.published && reach.missing.length === 0);

const countOf = (reach: Reach | undefined): string =>
  reach === undefined || reach.of === 0 ? '' : ` ${reach.relays} of ${reach.of} relays have it.`;

function warnOfMissing(out: Output, reach: Reach | undefined): void {
  if (reach === undefined || isEverywhere(reach)) return;
  process.exitCode = NOT_EVERYWHERE;
  const message = plainText(
    `committed, but ${reach.published ? whoIsMissing(reach) : 'no relay has it yet: it is not published'}`,
  );
  const text = out.isForPeople
    ? `${colorsOf(process.stderr).yellow('sluice:')} ${message}`
    : jsonText({ warning: { message, reach } });
  process.stderr.write(`${text}\n`);
}

function whoIsMissing({ relays, of, missing }: Reach): string {
  const each = missing.map(({ name, kind, lastSeenAt }) => `the ${kind} ${name}, last seen at ${showTime(lastSeenAt)}`);
  return `only ${relays} of ${of} relays have it; not confirmed by ${each.join(', ')}`;
}
