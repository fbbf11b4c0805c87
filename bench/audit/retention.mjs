// How long dropping takes, and what it does to ingest: batches of facts are stored at an even pace, first alone, and then while old
// facts are dropped as the service does it, for half a second every two and a half.
import { createPublicKey, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { headText } from '@sluice/contracts';
import { CertificateVerifier, makeKeyPair, OwnIdentity, signDropped } from '@sluice/identity';
import { createAuthority, issueCertificate } from '@sluice/identity/authority';
import { openDatabase } from '@sluice/persistence';
import { batchesOf, makeFacts } from './ingest.mjs';
import { percentile } from './percentile.mjs';

const RELAYS = 20;
const DROP_FOR_MS = 500;
const REST_MS = 2000;
/** A batch of 500 facts at this pace is 2000 facts a second. */
const PACE_MS = 250;
const PUBLISH_MS = 2;

/** @param url the audit role's @param ownerUrl the owner's @param importOf imports a module of the service @returns rows of a table */
export async function retention({ url, ownerUrl, importOf, sessions }) {
  const [{ storeFacts }, { checkHeads }, { dropEvidence }, { oldChains }] = await Promise.all(
    ['ingest/store-facts.js', 'integrity/check-heads.js', 'retention/drop-evidence.js', 'retention/retention.js'].map(importOf),
  );
  const organizationId = randomUUID();
  const authority = await createAuthority(organizationId, new Date());
  const verifier = new CertificateVerifier(authority.certificatePem);
  const makeKey = async (identity) => {
    const { publicPem, privatePem } = makeKeyPair();
    const key = createPublicKey(publicPem);
    const { certificatePem } = await issueCertificate(authority, { organizationId, ...identity }, key, new Date(), 3_600_000);
    return new OwnIdentity({ certificate: certificatePem, privateKey: privatePem, ca: authority.certificatePem });
  };
  const audit = await makeKey({ kind: 'service', service: 'audit' });
  const relays = await Promise.all(
    Array.from({ length: RELAYS }, async () => {
      const id = randomUUID();
      const key = await makeKey({ kind: 'relay', nodeId: id, cluster: 'default' });
      return { id, signHead: (relay) => headOf(relay, key) };
    }),
  );
  const owner = new pg.Client({ connectionString: ownerUrl });
  await owner.connect();
  const database = await openDatabase({ url, schema: 'audit', tables: [] });
  try {
    for (const batch of batchesOf(makeFacts(sessions, relays))) await storeFacts(database, batch);
    while ((await toCheck(owner)) > 0) await checkHeads(database, verifier, new AbortController().signal);
    await owner.query("update audit.fact set received_at = received_at - interval '100 days'");
    await owner.query('alter table audit.session disable trigger user');
    await owner.query("update audit.session set settled_at = settled_at - interval '100 days'");
    await owner.query('alter table audit.session enable trigger user');
    await owner.query('vacuum analyze audit.fact, audit.session');

    const fresh = batchesOf(makeFacts(sessions / 2));
    const half = Math.floor(fresh.length / 2);
    const alone = await storeAtPace(database, storeFacts, fresh.slice(0, half));
    const stopping = new AbortController();
    const before = new Date(Date.now() - 60 * 86_400_000);
    const cutoffs = { sessions: before, activities: before, facts: before };
    const dropping = {
      authority: verifier,
      sign: (stated) => signDropped(audit, stated),
      publish: () => sleep(PUBLISH_MS), // about what JetStream takes
    };
    const dropped = dropUntil(stopping.signal, database, { oldChains, dropEvidence, cutoffs, dropping });
    const beside = await storeAtPace(database, storeFacts, fresh.slice(half));
    stopping.abort();
    const { times, facts, records, busyMs } = await dropped;
    return {
      ingest: [
        { '500 facts to commit, ms': 'alone', ...figures(alone) },
        { '500 facts to commit, ms': 'while old facts are dropped', ...figures(beside) },
      ],
      drop: [
        {
          facts,
          records,
          ...figures(times),
          'facts a second of dropping': (facts / busyMs) * 1000,
        },
      ],
    };
  } finally {
    await database.destroy();
    await owner.end();
  }
}

/** How many heads are still to be checked. */
async function toCheck(owner) {
  return Number((await owner.query('select count(*) from audit.head_to_check')).rows[0].count);
}

/** What a relay signs about the facts before a head. */
function headOf({ id, incarnation, number: through, previous: hash }, key) {
  const stated = { through, hash, at: new Date().toISOString() };
  const signature = key.sign(Buffer.from(headText(id, incarnation, stated))).toString('base64');
  return { ...stated, certificate: key.certificate.toString('base64'), signature };
}

/** @returns how long each batch took, in milliseconds */
async function storeAtPace(database, storeFacts, batches) {
  const times = [];
  for (const batch of batches) {
    const began = performance.now();
    await storeFacts(database, batch);
    times.push(performance.now() - began);
    await sleep(Math.max(0, PACE_MS - (performance.now() - began)));
  }
  return times;
}

/** Drops parts of chains until it is stopped or all is gone. */
async function dropUntil(stopped, database, { oldChains, dropEvidence, cutoffs, dropping }) {
  const [times, counted] = [[], { facts: 0, records: 0 }];
  const chains = await oldChains(database, cutoffs);
  while (!stopped.aborted && chains.length > 0) {
    const until = performance.now() + DROP_FOR_MS;
    while (chains.length > 0 && performance.now() < until) {
      const began = performance.now();
      const done = await dropEvidence(database, chains[0], cutoffs, dropping);
      if (done === undefined) chains.shift();
      else {
        times.push(performance.now() - began);
        counted.facts += done.facts;
        counted.records += done.records;
      }
    }
    await sleep(REST_MS, undefined, { signal: stopped }).catch(() => undefined);
  }
  return { times, ...counted, busyMs: times.reduce((all, ms) => all + ms, 0) };
}

const figures = (times) => ({
  count: times.length,
  p50: percentile(times, 0.5),
  p95: percentile(times, 0.95),
  longest: Math.max(...times),
});
