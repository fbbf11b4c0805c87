import { type Schemas, type SluiceClient, unwrap } from '@sluice/sdk';
import { everyItem } from './every-item.js';
import { chainKey } from './export-line.js';
import type { ExportFile } from './export-file.js';
import type { ExportPosition } from './read-part.js';

type FactChain = Schemas['FactChain'];

/**
 * Reads chains, their facts, and then the records into a file: a record that is read after its facts says at least what they
 * say.
 * @param nameOf the name of a node, or null if it is not known any more
 * @param onProgress is called after each fact and record, with the share of the facts' numbers that is done
 * @throws Error if retention has dropped facts since the export began
 */
export async function writeExport(
  api: SluiceClient,
  file: ExportFile,
  nameOf: (author: string) => string | null,
  onProgress: (share: number) => void,
): Promise<void> {
  const { since, until } = file.range;
  const range = { since, ...(until === null ? {} : { until }) };
  const { position } = file;
  const readChains = async (): Promise<FactChain[]> => {
    const chains: FactChain[] = [];
    for await (const chain of everyItem((query) =>
      unwrap(api.GET('/api/v1/chains', { params: { query: { ...query, ...range } } })),
    ))
      chains.push(chain);
    return chains;
  };
  const chains = await readChains();
  const at = chains.findIndex(({ author, incarnation }) => author === position?.author && incarnation === position.incarnation);
  if (position && at < 0) throw new Error('the unfinished export is of another installation: it cannot be continued');
  const numbers = chains.reduce((sum, { from, to }) => sum + to - from + 1, 0);
  let done = 0;
  for (const [index, { author, incarnation, from, to, dropped }] of chains.entries()) {
    const onNumber = (number: number): void => onProgress((done + number - from + 1) / numbers);
    if (index === at && position) await writeFacts(api, file, position, onNumber);
    if (index > at) {
      await file.write({ line: 'chain', author, name: nameOf(author), incarnation, from, to, ...(dropped && { dropped }) });
      await writeFacts(api, file, { author, incarnation, next: from, to }, onNumber);
    }
    done += to - from + 1;
  }
  const records = everyItem((query) => unwrap(api.GET('/api/v1/sessions', { params: { query: { ...query, ...range } } })));
  for await (const record of records) {
    await file.write({ line: 'record', record });
    onProgress(1);
  }
  if (wasDropped(file.droppedThrough, await readChains()))
    throw new Error('retention has dropped facts since this export began: delete the unfinished file, and export again');
  await file.finish();
}

async function writeFacts(
  api: SluiceClient,
  file: ExportFile,
  { author, incarnation, next, to }: ExportPosition,
  onNumber: (number: number) => void,
): Promise<void> {
  if (next > to) return;
  const facts = everyItem((query) =>
    unwrap(
      api.GET('/api/v1/chains/{author}/{incarnation}/facts', {
        params: { path: { author, incarnation }, query: { ...query, from: next, to } },
      }),
    ),
  );
  for await (const fact of facts) {
    await writeFact(file, incarnation, fact);
    onNumber(fact.number);
  }
}

/**
 * Whether retention has dropped facts since the chains were written: then facts or records may be missing that a file without the
 * newer statement does not explain.
 */
function wasDropped(written: ReadonlyMap<string, number>, now: readonly FactChain[]): boolean {
  const through = new Map(now.map((chain) => [chainKey(chain), chain.dropped?.through ?? 0]));
  return [...written].some(([chain, before]) => before < (through.get(chain) ?? Infinity));
}

async function writeFact(file: ExportFile, incarnation: string, fact: Schemas['ChainFact']): Promise<void> {
  const { number, subject, body, sha256, missingBefore, quarantined } = fact;
  if (missingBefore > 0) await file.write({ line: 'missing', from: number - missingBefore, to: number - 1 });
  if (body === null) await file.write({ line: 'digest', subject, incarnation, number, sha256 });
  else await file.write({ line: 'fact', subject, body, ...(quarantined === null ? {} : { quarantined }) });
}
