import { hash } from 'node:crypto';
import { authorOfFact, CHAINED_SERVICES, isHeadSubject, SignedHead } from '@sluice/contracts';
import { parseJson } from '@sluice/domain';
import { z } from 'zod';

/** A head that somebody else has kept, of a chain that the file does not have. */
interface LostHead {
  readonly author: string;
  readonly incarnation: string;
  readonly number: number;
}

/** The `source` of a service's facts. */
function sourceOf(service: string): string {
  return `sluice://${service}`;
}

const Head = z.object({ incarnation: z.string(), number: z.int().min(1), data: SignedHead });
const HeadBody = z.union([
  Head.extend({ type: z.literal('sluice.relay.head.v1'), node: z.string() }).transform(({ node, ...head }) => ({
    author: node,
    ...head,
  })),
  Head.extend({ type: z.literal('sluice.service.head.v1'), source: z.enum(CHAINED_SERVICES.map(sourceOf)) }).transform(
    ({ source, ...head }) => ({ author: source.slice(sourceOf('').length), ...head }),
  ),
]);

/** A line as an export destination has it. Its subject shows who published the event. */
const EXPORTED = /^\{"number":\d+,"subject":"([^"\\]+)","event":(.*)\}$/s;

/** Hashes of facts that were seen elsewhere: in another file, or as heads that somebody else has kept. */
export class Hashes {
  private readonly chains = new Map<string, Map<number, string>>();
  private readonly heads = new Map<string, { readonly number: number; readonly at: number }[]>();

  /** @param keep whether facts that are asked about are remembered, because another file follows */
  constructor(private readonly keep: boolean) {}

  /**
   * Adds a head that somebody has kept: its bytes as they were published, or a line of an export destination, which may be any event.
   * @returns whether it is a head, if it should be one; undefined for a line of a destination that is none
   */
  addKept(line: string): boolean | undefined {
    const [, subject, event = ''] = EXPORTED.exec(line) ?? [];
    if (subject === undefined) return this.addHead(line);
    return (isHeadSubject(subject) && this.addHead(event, authorOfFact(subject) ?? '')) || undefined;
  }

  private addHead(text: string, publishedBy?: string): boolean {
    const head = HeadBody.safeParse(parseJson(text)).data;
    if (!head || (publishedBy !== undefined && publishedBy !== head.author)) return false;
    const name = `${head.author} ${head.incarnation}`;
    this.remember(name, head.number, hash('sha256', text, 'hex'));
    const heads = this.heads.get(name) ?? [];
    heads.push({ number: head.number, at: Date.parse(head.data.at) });
    this.heads.set(name, heads);
    return true;
  }

  /** Whether another fact with this number was seen elsewhere. */
  differs(author: string, incarnation: string, number: number, hashOfFact: string): boolean {
    const name = `${author} ${incarnation}`;
    const known = this.chains.get(name)?.get(number);
    if (known === undefined && this.keep) this.remember(name, number, hashOfFact);
    return known !== undefined && known !== hashOfFact;
  }

  /** Number of a head after `number` that was signed before `until`, in milliseconds since 1970; undefined if there is none. */
  headBeyond(author: string, incarnation: string, number: number, until: number): number | undefined {
    return this.heads.get(`${author} ${incarnation}`)?.find((head) => head.number > number && head.at < until)?.number;
  }

  /** The first head, signed between these moments, of each chain that a file does not have. */
  headsWithout(has: (author: string, incarnation: string) => boolean, since: number, until: number): LostHead[] {
    return [...this.heads].flatMap(([name, heads]) => {
      const end = name.indexOf(' ');
      const [author, incarnation] = [name.slice(0, end), name.slice(end + 1)];
      const head = has(author, incarnation) ? undefined : heads.find(({ at }) => at >= since && at < until);
      return head ? [{ author, incarnation, number: head.number }] : [];
    });
  }

  private remember(name: string, number: number, hashOfFact: string): void {
    const chain = this.chains.get(name) ?? new Map<number, string>();
    this.chains.set(name, chain.set(number, hashOfFact));
  }
}
