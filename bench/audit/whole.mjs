// A whole installation: from the end of a session to its record in a search, and how fast evidence is exported and verified.
import { execFile } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { openDatabase } from '@sluice/persistence';
import { startInstallation } from '../installation.mjs';
import { percentile } from './percentile.mjs';

const run = promisify(execFile);
const AT_ONCE = 8;
const AUDITOR = { accountId: 'auditor', apiRole: 'auditor' };

/** One session of a few bytes. @returns when its client saw its end */
function session(port) {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.end('hello')).on('error', reject);
    socket.resume().once('close', () => resolve(performance.now()));
  });
}

/**
 * @param searchSessions the service's own, of a build
 * @param times how many sessions are watched; as many more as `sessions` says are exported
 */
export async function whole({ root, searchSessions, listSessions, times, sessions }) {
  const { system, home, stop } = await startInstallation();
  const service = createServer({ allowHalfOpen: true }, (socket) => socket.on('error', () => undefined).pipe(socket));
  await new Promise((resolve) => service.listen(0, '127.0.0.1', resolve));
  const url = new URL(system.databaseUrl);
  url.username = 'sluice_audit';
  url.password = readFileSync(path.join(home, 'secrets', 'postgres-audit'), 'utf8').trim();
  const database = await openDatabase({ url: url.href, schema: 'audit', tables: [] });
  const users = [];
  try {
    users.push(await system.addUser(), await system.addUser('auditor'));
    const [user, auditor] = users;
    const server = await system.addServer(service.address().port);
    await system.grant([user], [server]);
    const port = await user.connect(server.name);
    const final = async () => {
      const { items } = await searchSessions(
        database,
        AUDITOR,
        listSessions.input.parse({ resource: server.id, live: 'false', limit: '500' }),
      );
      return items.length;
    };
    const took = [];
    for (let i = 0; i < times; i++) {
      const ended = await session(port);
      while ((await final()) < i + 1) await sleep(2);
      took.push(performance.now() - ended);
    }
    let begun = 0;
    const client = async () => {
      while (begun++ < sessions) await session(port);
    };
    const busy = performance.now();
    await Promise.all(Array.from({ length: AT_ONCE }, client));
    const perSecond = sessions / ((performance.now() - busy) / 1000);
    const stored = async () => Number((await database.query("select count(*) as n from session where state = 'final'"))[0].n);
    while ((await stored()) < sessions + times) await sleep(100);
    await sleep(12_000); // until the chain is signed to its end
    const file = path.join(home, 'export.ndjson');
    const timed = async (work) => {
      const began = performance.now();
      await work();
      return (performance.now() - began) / 1000;
    };
    const exported = await timed(() => auditor.mustRun('audit', 'export', '--out', file));
    const records = sessions + times;
    const verified = await timed(() => auditor.mustRun('audit', 'verify', file));
    const inPython = await timed(() =>
      run('python3', [path.join(root, 'tools', 'verify_export.py'), file], { maxBuffer: 1 << 26 }),
    );
    return {
      visible: { p50: percentile(took, 0.5), p99: percentile(took, 0.99) },
      sessionsPerSecond: perSecond,
      evidence: [
        { what: 'export, records a second', value: records / exported },
        { what: 'sluice audit verify, records a second', value: records / verified },
        { what: 'verify_export.py, records a second', value: records / inPython },
        { what: 'bytes of the export a record', value: statSync(file).size / records },
      ],
    };
  } finally {
    for (const user of users) await user.leave();
    await database.destroy();
    service.close();
    await stop();
  }
}
