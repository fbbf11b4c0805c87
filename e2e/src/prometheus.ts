import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { freePort, stopChild } from '@sluice/embedded';
import { until } from '@sluice/process';
import { z } from 'zod';

const START_WITHIN_MS = 30_000;
const STOP_WITHIN_MS = 10_000;

/** Whether Prometheus is here; `.ci/run` installs it. */
export const hasPrometheus = (): boolean => {
  const found = spawnSync('prometheus', ['--version'], { stdio: 'ignore' }).status === 0;
  if (!found) console.log('skipped: there is no prometheus on the PATH');
  return found;
};

const Sample = z.object({ metric: z.record(z.string(), z.string()), value: z.tuple([z.number(), z.string()]) });
const QueryAnswer = z.object({ status: z.literal('success'), data: z.object({ result: z.array(Sample) }) });
const Rule = z.object({ name: z.string(), health: z.string(), state: z.string(), lastError: z.string().optional() });
const RulesAnswer = z.object({ data: z.object({ groups: z.array(z.object({ rules: z.array(Rule) })) }) });

/** A Prometheus of its own that scrapes processes on this machine every second. */
export class Prometheus {
  private constructor(
    private readonly child: ChildProcess,
    private readonly url: string,
    private readonly folder: string,
  ) {}

  /** @param ports operations ports, by the name that the process has as `instance` */
  static async start(ports: ReadonlyMap<string, number>, rules: string): Promise<Prometheus> {
    const folder = mkdtempSync(path.join(tmpdir(), 'sluice-prometheus-'));
    const targets = [...ports].map(([instance, port]) => ({ targets: [`127.0.0.1:${port}`], labels: { instance } }));
    const config = {
      global: { scrape_interval: '1s', evaluation_interval: '1s' },
      rule_files: [rules],
      scrape_configs: [{ job_name: 'sluice', static_configs: targets }],
    };
    writeFileSync(path.join(folder, 'prometheus.yml'), JSON.stringify(config)); // every JSON is YAML
    const port = await freePort();
    const options = {
      'config.file': path.join(folder, 'prometheus.yml'),
      'storage.tsdb.path': path.join(folder, 'data'),
      'web.listen-address': `127.0.0.1:${port}`,
    };
    const child = spawn(
      'prometheus',
      Object.entries(options).map(([name, value]) => `--${name}=${value}`),
      { stdio: 'ignore' },
    );
    const prometheus = new Prometheus(child, `http://127.0.0.1:${port}`, folder);
    const responds = async () => (await fetch(`${prometheus.url}/-/ready`).catch(() => undefined))?.ok === true;
    await until(responds, AbortSignal.timeout(START_WITHIN_MS));
    return prometheus;
  }

  /** The value of a query now, each series with its labels. @throws Error if Prometheus rejects it */
  async query(query: string): Promise<{ labels: Record<string, string>; value: number }[]> {
    const answer = await fetch(`${this.url}/api/v1/query?${new URLSearchParams({ query }).toString()}`);
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${query}: ${text}`);
    const { result } = QueryAnswer.parse(JSON.parse(text)).data;
    return result.map(({ metric, value }) => ({ labels: metric, value: Number(value[1]) }));
  }

  /** The alerting rules, as they were evaluated last. */
  async rules(): Promise<z.infer<typeof Rule>[]> {
    const answer: unknown = await (await fetch(`${this.url}/api/v1/rules`)).json();
    return RulesAnswer.parse(answer).data.groups.flatMap(({ rules }) => rules);
  }

  async stop(): Promise<void> {
    await stopChild(this.child, 'SIGTERM', STOP_WITHIN_MS);
    rmSync(this.folder, { recursive: true, force: true });
  }
}
