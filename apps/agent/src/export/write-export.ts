import { type Schemas, type SluiceClient, unwrap } from '@sluice/sdk';
import { everyItem } from './every-item.js';
import type { ExportFile } from './export-file.js';
import type { ExportPosition } from './read-part.js';

/**
 * Reads chains, their facts, and then the records into a file: a record that is read after its facts says at least what they
 * say.
 * @param nameOf the name of a node, or null if it is not known any more
 * @param onProgress is called after each fact and record, with the share of the facts' numbers that is done
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
  const chains: Schemas['FactChain'][] = [];
  for await (const chain of everyItem((query) =>
    unwrap(api.GET('/api/v1/chains', { params: { query: { ...query, ...range } } })),
  ))
    chains.push(chain);
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
  await file.finish();
}

/** @throws Error if facts are not there any more because retention has dropped them since the export began */
async function writeFacts(
  api: SluiceClient,
  file: ExportFile,
  { author, incarnation, next, to }: ExportPosition,
  onNumber: (number: number) => void,
): Promise<void> {
  if (next > to) return;
  let expected = next;
  const facts = everyItem((query) =>
    unwrap(
      api.GET('/api/v1/chains/{author}/{incarnation}/facts', {
        params: { path: { author, incarnation }, query: { ...query, from: next, to } },
      }),
    ),
  );
  for await (const fact of facts) {
    if (fact.number - fact.missingBefore > expected) await checkDropped(api, author, incarnation, expected);
    await writeFact(file, incarnation, fact);
    expected = fact.number + 1;
    onNumber(fact.number);
  }
  if (expected <= to) await checkDropped(api, author, incarnation, expected);
}

/** A fact that is missing without a reason is for who verifies the export to judge, unless it was dropped while it was exported. */
async function checkDropped(api: SluiceClient, author: string, incarnation: string, number: number): Promise<void> {
  const chains = everyItem((query) => unwrap(api.GET('/api/v1/chains', { params: { query } })));
  for await (const chain of chains)
    if (chain.author === author && chain.incarnation === incarnation && (chain.dropped?.through ?? 0) >= number)
      throw new Error('retention has dropped facts since this export began: delete the unfinished file, and export again');
}

async function writeFact(file: ExportFile, incarnation: string, fact: Schemas['ChainFact']): Promise<void> {
  const { number, subject, body, sha256, missingBefore, quarantined } = fact;
  if (missingBefore > 0) await file.write({ line: 'missing', from: number - missingBefore, to: number - 1 });
  if (body === null) await file.write({ line: 'digest', subject, incarnation, number, sha256 });
  else await file.write({ line: 'fact', subject, body, ...(quarantined === null ? {} : { quarantined }) });
}
