import { type Dropped, FIRST_PREVIOUS, isHeadSubject } from '@sluice/contracts';
import { checkDropped, type CertificateVerifier, checkHead } from '@sluice/identity';
import { type Problems, type ProblemCode, quote } from './problems.js';
import { type Fact, readFact, whyForeign } from './read-fact.js';
import { readTime } from './read-time.js';

/** What a chain in an export shows. */
export interface ChainResult {
  readonly author: string;
  readonly name: string | null;
  readonly incarnation: string;
  readonly from: number;
  readonly to: number;
  /** What retention dropped before these numbers, as the audit service has signed; null if nothing. */
  readonly dropped: Pick<Dropped, 'through' | 'facts' | 'records' | 'at'> | null;
  /** When the last valid head was signed; null if there is none. */
  readonly until: string | null;
  /** Number of the last fact that a valid head covers; null if there is none. */
  readonly signedThrough: number | null;
  /** Facts that no head covers: those after the last head, and those before a gap that no head before the gap covers. */
  readonly unsigned: number;
  /** How many numbers are missing that were reported as gaps. */
  readonly gaps: number;
  readonly digests: number;
  readonly quarantined: number;
  /** Whether nothing is wrong with it. */
  readonly complete: boolean;
}

/** What an export says that it has of a chain. */
export type ChainLine = Pick<ChainResult, 'author' | 'name' | 'incarnation' | 'from' | 'to'>;

/** Checks the facts of one chain, in the order of the file. */
export class ChainCheck {
  /** The number that comes next. */
  private next: number;
  /** Hash of the fact before it; undefined where it is not known. */
  private hash: string | undefined;
  /** Facts since the last head or gap: the next head covers them. */
  private pending = 0;
  /** Facts before a gap, which no later head can cover. */
  private uncovered = 0;
  private readonly counts = { gaps: 0, digests: 0, quarantined: 0 };
  private head: { number: number; through: number; at: string } | undefined;
  private wrong = false;
  private dropped: Dropped | undefined;
  /** The time of its first fact. */
  private begunAt: string | undefined;
  /** When the heads of this chain were signed, in the order of their numbers. */
  readonly heads: { readonly number: number; readonly at: string; readonly line: number }[] = [];

  constructor(
    readonly of: ChainLine,
    private readonly authority: CertificateVerifier,
    private readonly problems: Problems,
    /** Receives the hash of each fact. */
    private readonly onHash: (number: number, hash: string, line: number) => void,
  ) {
    this.next = of.from;
    this.hash = of.from === 1 ? FIRST_PREVIOUS : undefined;
  }

  /** Takes what the audit service says that retention dropped from the chain, before its facts. */
  takeDropped(line: number, data: unknown): void {
    const { author, incarnation, from } = this.of;
    const dropped = checkDropped(data, this.authority);
    if ('wrong' in dropped)
      return this.add(line, 'bad-dropped', `what is said to be dropped proves nothing: ${dropped.wrong}`, from);
    if (dropped.author !== author || dropped.incarnation !== incarnation || dropped.through >= from)
      return this.add(line, 'bad-dropped', 'what is said to be dropped is of another chain, or is there', from);
    this.dropped = dropped;
    if (dropped.through === from - 1) this.hash = dropped.hash;
  }

  /** Expects all numbers before the first one to be dropped: none are left out because they were received before the export begins. */
  expectWhole(line: number): void {
    const first = (this.dropped?.through ?? 0) + 1;
    if (first >= this.of.from) return;
    this.next = first;
    this.addMissing(line, this.of.from);
    this.next = this.of.from;
  }

  /** Takes a fact. @returns it, if records may be compared with it */
  takeFact(line: number, subject: string, text: string, quarantined: boolean): Fact | undefined {
    const fact = readFact(subject, text, quarantined);
    if (!fact) {
      this.add(line, 'malformed', `the fact that should have number ${this.next} is malformed`, this.next);
      this.advance(this.next, undefined);
      return undefined;
    }
    const { number, previous } = fact.body;
    const foreign = whyForeign(fact, this.of, quarantined);
    if (foreign !== undefined) this.add(line, 'foreign', `fact ${number} does not belong here: ${foreign}`, number, fact.session);
    if (!this.expect(line, number, fact.hash)) return undefined;
    if (!isHeadSubject(subject)) this.expectNotFirst(line, number);
    if (this.hash !== undefined && previous !== this.hash) this.addAltered(line, number);
    this.advance(number, fact.hash);
    this.onHash(number, fact.hash, line);
    this.begunAt ??= fact.body.time;
    this.pending++;
    if (quarantined) this.counts.quarantined++;
    if (foreign !== undefined) return undefined;
    if (isHeadSubject(subject)) this.takeHead(line, fact);
    return quarantined ? undefined : fact;
  }

  /** Takes a fact of which only the hash was kept. */
  takeDigest(line: number, number: number, hash: string): void {
    if (!this.expect(line, number, hash)) return;
    this.expectNotFirst(line, number);
    this.advance(number, hash);
    this.onHash(number, hash, line);
    this.counts.digests++;
  }

  /** Takes a gap that was reported. */
  takeMissing(line: number, from: number, to: number): void {
    if (from > this.next) this.addMissing(line, from);
    if (from < this.next || to < from)
      return this.add(line, 'out-of-order', `the gap from ${from} to ${to} comes after ${this.next - 1}`, from);
    this.expectNotFirst(line, from);
    this.counts.gaps += to - from + 1;
    this.breakOff();
    this.advance(to, undefined);
  }

  /** Ends the chain. */
  end(line: number): ChainResult {
    if (this.next <= this.of.to) this.addMissing(line, this.of.to + 1);
    else if (this.next > this.of.to + 1)
      this.add(line, 'malformed', `the chain should end at ${this.of.to}, but continues to ${this.next - 1}`, this.next - 1);
    return this.result;
  }

  /**
   * The time of which the chain in this file has every fact: from its first fact to its last valid head, in milliseconds since
   * 1970. Undefined if some of its facts cannot be read.
   */
  get covered(): { readonly from: number; readonly until: number } | undefined {
    const { gaps, digests, quarantined } = this.counts;
    if (gaps + digests + quarantined > 0 || this.begunAt === undefined || this.head === undefined) return undefined;
    return { from: readTime(this.begunAt), until: readTime(this.head.at) };
  }

  get result(): ChainResult {
    return {
      ...this.of,
      dropped: this.dropped ? shortly(this.dropped) : null,
      until: this.head?.at ?? null,
      signedThrough: this.head?.through ?? null,
      unsigned: this.uncovered + this.pending,
      ...this.counts,
      complete: !this.wrong,
    };
  }

  /** Adds a problem of this chain. */
  add(line: number, code: ProblemCode, message: string, number: number, session?: string): void {
    this.wrong = true;
    const { author, incarnation } = this.of;
    this.problems.add(line, code, message, { author, incarnation, number, ...(session !== undefined && { session }) });
  }

  /** What follows the dropped part must be a head. */
  private expectNotFirst(line: number, number: number): void {
    if (number - 1 === this.dropped?.through)
      this.add(line, 'bad-dropped', `what is left after fact ${number - 1} does not begin with a head`, number);
  }

  private expect(line: number, number: number, hash: string): boolean {
    if (number < this.next) {
      const code = number === this.next - 1 && this.hash !== undefined && this.hash !== hash ? 'fork' : 'out-of-order';
      const why = code === 'fork' ? 'two different facts have this number' : `it comes after fact ${this.next - 1}`;
      this.add(line, code, `fact ${number} is out of place: ${why}`, number);
      return false;
    }
    if (number > this.next) this.addMissing(line, number);
    return true;
  }

  private addAltered(line: number, number: number): void {
    if (number === 1) this.add(line, 'altered', 'fact 1 was altered: it names a fact before it', 1);
    else this.add(line, 'altered', `fact ${number - 1} was altered: its hash is not the one in fact ${number}`, number - 1);
  }

  private addMissing(line: number, before: number): void {
    const range = before - 1 === this.next ? `fact ${this.next} is` : `facts ${this.next} to ${before - 1} are`;
    this.add(line, 'missing', `${range} missing`, this.next);
    this.breakOff();
  }

  /** What follows is not chained to what was before. */
  private breakOff(): void {
    this.hash = undefined;
    this.uncovered += this.pending;
    this.pending = 0;
  }

  private advance(number: number, hash: string | undefined): void {
    this.next = number + 1;
    this.hash = hash;
  }

  private takeHead(line: number, fact: Fact): void {
    const { incarnation, number, previous, data } = fact.body;
    const head = checkHead({ author: this.of.author, incarnation, number, previous, data }, this.authority);
    if ('code' in head) return this.add(line, head.code, `fact ${number}: ${head.message}`, number);
    if (this.head !== undefined && Date.parse(head.at) < Date.parse(this.head.at))
      this.add(
        line,
        'clock',
        `head ${number} was signed at ${quote(head.at)}, before head ${this.head.number} (${quote(this.head.at)})`,
        number,
      );
    this.head = { number, ...head };
    this.pending = 0;
    this.heads.push({ number, at: head.at, line });
  }
}

const shortly = ({ through, facts, records, at }: Dropped): ChainResult['dropped'] => ({ through, facts, records, at });
