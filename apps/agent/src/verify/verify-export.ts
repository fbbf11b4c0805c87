import { activitySubject } from '@sluice/contracts';
import { CertificateVerifier } from '@sluice/identity';
import { ExportHeader, ExportLine, isCsvHeader, isRecord } from '../export/export-line.js';
import { ChainCheck, type ChainResult } from './check-chain.js';
import { RecordsCheck } from './check-records.js';
import { type Hashes } from './hashes.js';
import { type Problem, Problems, quote } from './problems.js';
import { readJson } from './read-json.js';
import { NotAnExportError } from './not-an-export.js';
import { LineReader, type RawLine } from './read-lines.js';
import { readTime } from './read-time.js';
import { trustIn } from './trust-in.js';

/** What verifying an export has shown. */
export interface VerifiedExport {
  readonly ok: boolean;
  /** SHA-256 of the certificate of the authority that is trusted: the one that was given, or else that of the file. */
  readonly authority: string;
  /** The same of all that are accepted: also those of the file that follow from it. */
  readonly authorities: readonly string[];
  /** Whether the authority was given by who verifies, and not only by the file. */
  readonly trusted: boolean;
  /** The fingerprint of the authority in the file if another one was given, from which it does not follow; null otherwise. */
  readonly otherAuthority: string | null;
  readonly facts: number;
  readonly records: number;
  /** How many records were compared with facts. */
  readonly recordsChecked: number;
  readonly chains: readonly ChainResult[];
  /** The first thousand. */
  readonly problems: readonly Problem[];
  /** How many problems there are in all. */
  readonly problemCount: number;
}

/** Subject of the fact that a node was deleted. */
const NODE_DELETED = activitySubject('node', 'deleted');
/** A node's heads that were signed longer after its deletion than this are wrong, in milliseconds. */
const DELETED_SLACK_MS = 60_000;
/** Sessions of the last moments before an export without an end may not have a record yet, in milliseconds. */
const FRESH_MS = 60_000;

/**
 * Verifies an export, line by line.
 *
 *   lines ──► chains: numbers, hashes, heads ──► what the facts of each session say ──► compared with the records
 *
 * @param authority PEM, if it was obtained otherwise; else that in the file is used. Other authorities in the file are accepted if they follow from it
 * @param hashes the facts of other files and of heads that somebody else has kept
 * @throws NotAnExportError
 */
export async function verifyExport(
  stream: AsyncIterable<Uint8Array>,
  { authority, hashes }: { authority?: string | undefined; hashes: Hashes },
): Promise<VerifiedExport> {
  const reader = new LineReader(stream);
  const lines = reader.lines();
  const first = await lines.next();
  const header = readHeader(first.done === true ? undefined : first.value);
  const trust = trustIn(header, authority);
  const check = new ExportCheck(header, new CertificateVerifier(trust.accepted), hashes);
  for await (const line of lines) check.take(line, () => reader.hashBefore);
  const { pin, fingerprints, other } = trust;
  return { ...check.end(), authority: pin, authorities: fingerprints, trusted: authority !== undefined, otherAuthority: other };
}

function readHeader(line: RawLine | undefined): ExportHeader {
  if (!line) throw new NotAnExportError('it is empty, and not an export of Sluice');
  if (isCsvHeader(line.text ?? ''))
    throw new NotAnExportError('it is CSV, which has no facts and no signatures: export the same time with --format ndjson');
  const value = readJson(line.text ?? '');
  if (isRecord(value))
    throw new NotAnExportError(
      'it has records only, as the console saves them, without facts and signatures: use `sluice audit export --format ndjson`',
    );
  const header = ExportHeader.safeParse(value).data;
  if (!header) throw new NotAnExportError('it is not an export of Sluice: its first line is not that of an export');
  if (header.version !== 1)
    throw new NotAnExportError(`it is an export of version ${header.version}, which this release does not know`);
  return header;
}

class ExportCheck {
  private readonly problems = new Problems();
  private readonly records = new RecordsCheck(this.problems);
  private readonly chains: ChainCheck[] = [];
  /** The same by author, and then by incarnation. */
  private readonly byAuthor = new Map<string, Map<string, ChainCheck>>();
  private chain: ChainCheck | undefined;
  private readonly counts = { facts: 0, records: 0 };
  private readonly deletions = new Map<string, number>();
  /** Whether the records have begun. Nothing of a chain may follow: a record is compared with all facts. */
  private inRecords = false;
  private ended = false;
  private last = 1;

  constructor(
    private readonly header: ExportHeader,
    private readonly verifier: CertificateVerifier,
    private readonly hashes: Hashes,
  ) {}

  take({ number, text, complete }: RawLine, hashBefore: () => string): void {
    this.last = number;
    const line = ExportLine.safeParse(readJson(text ?? '')).data;
    if (this.ended) return this.problems.add(number, 'malformed', `line ${number} comes after the end`);
    if (!line) return this.problems.add(number, 'malformed', `line ${number} cannot be read`);
    this.takeLine(number, line, complete, hashBefore);
  }

  end(): Omit<VerifiedExport, 'authority' | 'authorities' | 'trusted' | 'otherAuthority'> {
    this.endChain(this.last);
    if (!this.ended) this.problems.add(this.last + 1, 'truncated', 'the file has no end: its last line is missing');
    const { since, until, exportedAt } = this.header;
    this.records.end(readTime(since), until === null ? readTime(exportedAt) - FRESH_MS : readTime(until));
    this.checkDeletions();
    this.checkCuts();
    return {
      ok: this.problems.count === 0,
      ...this.counts,
      recordsChecked: this.records.checked,
      chains: this.chains.map(({ result }) => result),
      problems: this.problems.list,
      problemCount: this.problems.count,
    };
  }

  private takeLine(number: number, line: ExportLine, complete: boolean, hashBefore: () => string): void {
    switch (line.line) {
      case 'chain':
        if (this.inRecords) return this.problems.add(number, 'malformed', `line ${number} begins a chain after the records`);
        return this.beginChain(number, line);
      case 'record':
        this.counts.records++;
        this.inRecords = true;
        this.endChain(number);
        return this.records.takeRecord(number, line.record, (author) => [...(this.byAuthor.get(author)?.values() ?? [])]);
      case 'end':
        return this.takeEnd(number, line, complete, hashBefore());
      default:
        if (line.line === 'fact') this.counts.facts++;
        if (!this.chain) return this.problems.add(number, 'malformed', `line ${number} belongs to no chain`);
        return this.takeChained(number, line, this.chain);
    }
  }

  private takeChained(
    number: number,
    line: Extract<ExportLine, { line: 'fact' | 'digest' | 'missing' }>,
    chain: ChainCheck,
  ): void {
    if (line.line === 'missing') return chain.takeMissing(number, line.from, line.to);
    if (line.line === 'digest') return chain.takeDigest(number, line.number, line.sha256);
    const fact = chain.takeFact(number, line.subject, line.body, line.quarantined !== undefined);
    if (!fact) return;
    this.records.takeFact(number, fact);
    const { object } = fact.body.data as { object?: { id?: unknown } };
    if (fact.subject === NODE_DELETED && typeof object?.id === 'string') this.takeDeletion(object.id, readTime(fact.body.time));
  }

  private takeDeletion(node: string, at: number): void {
    const known = this.deletions.get(node);
    if (at < (known ?? Infinity)) this.deletions.set(node, at); // not if it is NaN
  }

  private beginChain(number: number, of: Extract<ExportLine, { line: 'chain' }>): void {
    this.endChain(number);
    const { author, name, incarnation, from, to, dropped } = of;
    const ofAuthor = this.byAuthor.get(author) ?? new Map<string, ChainCheck>();
    const known = ofAuthor.has(incarnation);
    this.chain = new ChainCheck({ author, name, incarnation, from, to }, this.verifier, this.problems, (at, hash, line) => {
      if (this.hashes.differs(author, incarnation, at, hash))
        this.chain?.add(line, 'fork', `fact ${at} is another one in a file or head that is verified with it`, at);
    });
    this.chains.push(this.chain);
    this.byAuthor.set(author, ofAuthor.set(incarnation, this.chain));
    if (known) this.chain.add(number, 'malformed', `line ${number} begins the chain ${incarnation} again`, from);
    else if (to < from) this.chain.add(number, 'malformed', `the chain in line ${number} ends before it begins`, from);
    if (dropped) this.chain.takeDropped(number, dropped);
    if (readTime(this.header.since) <= 0) this.chain.expectWhole(number);
  }

  private endChain(line: number): void {
    this.chain?.end(line);
    this.chain = undefined;
  }

  private takeEnd(number: number, end: Extract<ExportLine, { line: 'end' }>, complete: boolean, hash: string): void {
    this.ended = true;
    const { facts, records } = this.counts;
    if (!complete || end.facts !== facts || end.records !== records)
      this.problems.add(
        number,
        'truncated',
        `the file has ${facts} facts and ${records} records, and should have ${end.facts} and ${end.records}`,
      );
    else if (end.sha256 !== hash) this.problems.add(number, 'truncated', 'the hash of the file is not what its last line says');
  }

  private checkDeletions(): void {
    for (const chain of this.chains) {
      const deletedAt = this.deletions.get(chain.of.author);
      const late = chain.heads.find(({ at }) => deletedAt !== undefined && Date.parse(at) > deletedAt + DELETED_SLACK_MS);
      if (late)
        chain.add(
          late.line,
          'revoked',
          `head ${late.number} was signed at ${quote(late.at)}, after the node was deleted`,
          late.number,
        );
    }
  }

  private checkCuts(): void {
    const until = readTime(this.header.until ?? this.header.exportedAt);
    for (const chain of this.chains) {
      const { author, incarnation, to } = chain.of;
      const beyond = this.hashes.headBeyond(author, incarnation, to, until);
      if (beyond !== undefined)
        chain.add(
          this.last,
          'cut',
          `the chain ends at ${to}, and somebody has kept head ${beyond}: the end was cut off, or had not arrived`,
          beyond,
        );
    }
    const has = (author: string, incarnation: string) => this.byAuthor.get(author)?.has(incarnation) === true;
    for (const head of this.hashes.headsWithout(has, readTime(this.header.since), until))
      this.problems.add(this.last, 'cut', `somebody has kept head ${head.number} of a chain that the file does not have`, head);
  }
}
