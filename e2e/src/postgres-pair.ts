import { execFileSync } from 'node:child_process';
import { appendFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type RunningStore, startPostgres, type StoreServer } from '@sluice/embedded';
import { until } from '@sluice/process';
import { testFolder } from '@sluice/testing';
import pg from 'pg';

const PASSWORD = 'for-tests-alone';
const DATABASE = 'sluice';
const READY_WITHIN_MS = 30_000;

/** Does something as the owner, over a connection of its own. */
async function asOwner<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/**
 * Two PostgreSQL servers, of which the second one replicates the first one's transactions before they count as committed, and one address
 * that leads to the one that is the primary, as the Service of an operator does.
 *
 *   clients ──► address ──► primary ──── synchronous replication ───► standby
 *                  └ ─ ─ ─ ─ ─ ─ ─ ─ after a failover ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ▲
 */
export class PostgresPair implements StoreServer {
  private readonly sockets = new Set<Socket>();
  private primary: RunningStore;

  private constructor(
    private readonly folder: string,
    private readonly first: RunningStore,
    private readonly standby: RunningStore,
    private readonly server: Server,
  ) {
    this.primary = first;
    server.on('connection', (client) => this.lead(client));
  }

  static async start(): Promise<PostgresPair> {
    const folder = testFolder('postgres-pair');
    const [own, other] = ['first', 'second'].map((name) => path.join(folder, name)) as [string, string];
    const made = await startPostgres(own, PASSWORD);
    await asOwner(made.url, (client) => client.query(`create database ${DATABASE}`));
    await made.stop();
    execFileSync('cp', ['-a', own, other]);
    rmSync(path.join(other, 'port'));
    const { port } = new URL(made.url);
    const from = `host=127.0.0.1 port=${port} user=sluice password=${PASSWORD} application_name=standby`;
    appendFileSync(path.join(own, 'data', 'postgresql.conf'), `synchronous_standby_names = 'standby'\n`);
    appendFileSync(path.join(other, 'data', 'postgresql.conf'), `primary_conninfo = '${from}'\n`);
    writeFileSync(path.join(other, 'data', 'standby.signal'), '');
    const first = await startPostgres(own, PASSWORD);
    const standby = await startPostgres(other, PASSWORD);
    const server = createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1');
    const pair = new PostgresPair(folder, first, standby, server);
    await asOwner(first.url, (client) =>
      until(async () => {
        const { rows } = await client.query<{ sync_state: string }>('select sync_state from pg_stat_replication');
        return rows[0]?.sync_state === 'sync';
      }, AbortSignal.timeout(READY_WITHIN_MS)),
    );
    return pair;
  }

  get url(): string {
    const { port } = this.server.address() as AddressInfo;
    return `postgres://sluice:${PASSWORD}@127.0.0.1:${port}/${DATABASE}`;
  }

  /**
   * Kills the primary, leads everybody to the standby, and makes it the new primary.
   * @param afterMs how long it is still a standby, which only reads
   */
  async failOver(afterMs: number): Promise<void> {
    const [pid] = readFileSync(path.join(this.folder, 'first', 'data', 'postmaster.pid'), 'utf8').split('\n');
    process.kill(Number(pid), 'SIGKILL');
    this.primary = this.standby;
    for (const socket of this.sockets) socket.destroy();
    await sleep(afterMs);
    await asOwner(this.standby.url, (client) => client.query('select pg_promote()'));
  }

  async stop(): Promise<void> {
    this.server.close();
    for (const socket of this.sockets) socket.destroy();
    await Promise.all([this.first.stop(), this.standby.stop()]);
    rmSync(this.folder, { recursive: true, force: true });
  }

  private lead(client: Socket): void {
    const inner = connect({ port: Number(new URL(this.primary.url).port), host: '127.0.0.1', allowHalfOpen: true });
    for (const [socket, other] of [
      [client, inner],
      [inner, client],
    ] as const) {
      this.sockets.add(socket);
      socket.on('error', () => other.destroy()).on('close', () => (this.sockets.delete(socket), other.destroy()));
      socket.pipe(other);
    }
  }
}
