import { plainText } from '@sluice/domain';
import type { Schemas } from '@sluice/sdk';
import { colorsOf } from '../terminal/colors.js';
import type { Output } from '../terminal/output.js';
import { showTime } from '../terminal/show.js';

type Reach = Schemas['Reach'];

/** Exit status of a change that is committed while some relay may still go by what was before. */
const NOT_EVERYWHERE = 3;

/**
 * Prints that something was taken away, as an answer or a sentence, and which relays have it. While one of them may still go
 * by what was before, the sentence is not said: a warning takes its place, and the exit status is 3.
 */
export function printWithdrawn<T extends { reach?: Reach | undefined }>(out: Output, answer: T, sentence: string): void {
  out.value(answer, () => {
    if (isEverywhere(answer.reach)) out.line(`${sentence}${told(answer.reach)}`);
  });
  warnOfMissing(out, answer.reach);
}

/** Says which relays have a change whose outcome was printed already, in the same way. */
export function printReach(out: Output, reach: Reach | undefined): void {
  if (isEverywhere(reach)) {
    const text = told(reach).trimStart();
    if (text !== '') out.line(text);
  }
  warnOfMissing(out, reach);
}

/** A registry of an older release does not say. */
const isEverywhere = (reach: Reach | undefined): boolean =>
  reach === undefined || (reach.published && reach.missing.length === 0);

const told = (reach: Reach | undefined): string =>
  reach === undefined || reach.of === 0 ? '' : ` ${reach.relays} of ${reach.of} relays have it.`;

function warnOfMissing(out: Output, reach: Reach | undefined): void {
  if (reach === undefined || isEverywhere(reach)) return;
  process.exitCode = NOT_EVERYWHERE;
  const message = plainText(
    `committed, but ${reach.published ? whoIsMissing(reach) : 'no relay has it yet: it is not published'}`,
  );
  const words = out.isForPeople
    ? `${colorsOf(process.stderr).yellow('sluice:')} ${message}`
    : JSON.stringify({ warning: { message, reach } });
  process.stderr.write(`${words}\n`);
}

function whoIsMissing({ relays, of, missing }: Reach): string {
  const each = missing.map(({ name, kind, lastSeenAt }) => `the ${kind} ${name}, last seen at ${showTime(lastSeenAt)}`);
  return `only ${relays} of ${of} relays have it; not confirmed by ${each.join(', ')}`;
}
