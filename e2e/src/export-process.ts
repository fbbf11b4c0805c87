import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { type Schemas, unwrap } from '@sluice/sdk';
import type { TestSystem } from '@sluice/testing';

const run = promisify(execFile);
const MAIN = path.join(import.meta.dirname, '..', '..', 'apps', 'export', 'bundle', 'main.js');

/** An export of a test: a SIEM reader of its own, and processes that deliver its events. */
export class TestExport {
  private readonly children = new Set<ChildProcess>();
  private copies = 0;

  private constructor(
    readonly reader: Schemas['SiemCredentials'],
    private readonly system: TestSystem,
    private readonly folder: string,
  ) {}

  /** Makes a reader of all events, from the first on. @param folder for its files @param which events, if not all CloudEvents */
  static async make(
    system: TestSystem,
    name: string,
    folder: string,
    which: { format?: 'ocsf'; subjects?: string[] } = {},
  ): Promise<TestExport> {
    const reader = await unwrap(system.admin.POST('/api/v1/siem-readers', { body: { name, fromNumber: 1, ...which } }));
    const own = path.join(folder, name);
    mkdirSync(own, { recursive: true });
    const made = new TestExport(reader, system, own);
    made.file('reader.creds', reader.credentials ?? '');
    made.file('bus-ca.pem', reader.ca ?? '');
    return made;
  }

  /** Writes a file of settings. @returns its path */
  file(name: string, content: string): string {
    const file = path.join(this.folder, name);
    writeFileSync(file, content, { mode: 0o600 });
    return file;
  }

  /** Starts a copy, and waits until it has announced itself. @param home its folder, a new one by default */
  async start(env: Record<string, string>, home = `home-${++this.copies}`): Promise<ExportCopy> {
    const child = spawn(process.execPath, [MAIN], { env: this.environment(env, home), stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
    this.children.add(child);
    let log = '';
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => (log += chunk.toString()));
    const started = once(child, 'message') as Promise<[{ operationsPort: number }]>;
    const ended = once(child, 'exit').then(() => undefined);
    const announced = await Promise.race([started, ended]);
    if (announced === undefined) throw new Error(`the export did not start:\n${log}`);
    return { child, home: path.join(this.folder, home), operationsPort: announced[0].operationsPort, log: () => log };
  }

  /** Runs `--test`. */
  async try(env: Record<string, string>): Promise<{ status: number; output: string }> {
    return run(process.execPath, [MAIN, '--test'], { env: this.environment(env, 'home-test'), timeout: 60_000 }).then(
      ({ stdout, stderr }) => ({ status: 0, output: stdout + stderr }),
      ({ code, stdout, stderr }: { code: number; stdout: string; stderr: string }) => ({ status: code, output: stdout + stderr }),
    );
  }

  /** How far the reader has come. */
  async delivery(): Promise<Schemas['Delivery'] | null> {
    const { id } = this.reader;
    return (await unwrap(this.system.admin.GET('/api/v1/siem-readers/{id}', { params: { path: { id } } }))).delivery;
  }

  async end(): Promise<void> {
    await Promise.all(
      [...this.children].map(async (child) => {
        if (child.exitCode !== null || child.signalCode !== null) return;
        const gone = once(child, 'exit');
        child.kill('SIGKILL');
        await gone;
      }),
    );
  }

  private environment(env: Record<string, string>, home: string): Record<string, string> {
    return {
      PATH: process.env['PATH'] ?? '',
      SLUICE_EXPORT_STREAM: this.reader.stream,
      NATS_URL: this.reader.servers.join(','),
      SLUICE_EXPORT_CREDENTIALS_FILE: path.join(this.folder, 'reader.creds'),
      SLUICE_EXPORT_BUS_CA_FILE: path.join(this.folder, 'bus-ca.pem'),
      SLUICE_EXPORT_HOME: path.join(this.folder, home),
      ...env,
    };
  }
}

/** A running process of an export. */
export interface ExportCopy {
  readonly child: ChildProcess;
  readonly home: string;
  readonly operationsPort: number;
  /** What it has logged. */
  log(): string;
}

/** Kills a process at once. */
export async function kill({ child }: ExportCopy): Promise<void> {
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}

/** Stops a process in order. @returns its exit status */
export async function stop({ child }: ExportCopy): Promise<number> {
  const gone = once(child, 'exit') as Promise<[number]>;
  child.kill('SIGTERM');
  return (await gone)[0];
}
