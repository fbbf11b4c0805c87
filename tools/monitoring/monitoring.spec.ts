import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { METRIC_SERVICES, metricsOf } from '@sluice/contracts';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

const root = path.join(import.meta.dirname, '..', '..');
const files = path.join(root, 'deploy', 'helm', 'sluice', 'files');
const runbook = readFileSync(path.join(root, 'docs', 'runbook.md'), 'utf8');
const metricsPage = readFileSync(path.join(root, 'docs', 'metrics.md'), 'utf8');

interface Alert {
  readonly alert: string;
  readonly expr: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly summary: string; readonly runbook: string };
}
const alerts = (parse(readFileSync(path.join(files, 'alerts.yaml'), 'utf8')) as { groups: { rules: Alert[] }[] }).groups.flatMap(
  ({ rules }) => rules,
);
const dashboards = readdirSync(path.join(files, 'dashboards')).map((file) => ({
  file,
  text: readFileSync(path.join(files, 'dashboards', file), 'utf8'),
}));
interface Panel {
  readonly title: string;
  readonly type: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets?: { readonly expr: string }[];
}
const panelsOf = (text: string): Panel[] => (JSON.parse(text) as { panels: Panel[] }).panels;
const queries = [
  ...alerts.map(({ alert, expr }) => ({ where: alert, expr })),
  ...dashboards.flatMap(({ file, text }) =>
    panelsOf(text).flatMap(({ title, targets }) => (targets ?? []).map(({ expr }) => ({ where: `${file}: ${title}`, expr }))),
  ),
];
/** The names of metrics in a query. Prometheus itself makes `up` and `ALERTS`. */
const metricsIn = (query: string): string[] => query.match(/\b(sluice|process|nodejs)_\w+/g) ?? [];
/** The metric that a series of a histogram belongs to. */
const metricOf = (series: string): string => {
  const base = series.replace(/_(bucket|sum|count)$/, '');
  return metricsPage.includes(`| \`${base}\` | histogram |`) ? base : series;
};

describe('the alerts', () => {
  it('each have a section in the runbook that says what it means, who notices, where to look and what to do', () => {
    const sections = new Map(
      runbook
        .split(/^## /m)
        .slice(1)
        .map((section) => [section.split('\n')[0] ?? '', section]),
    );
    const named = [...sections.keys()].filter((heading) => heading.startsWith('Sluice'));
    expect(named).toEqual(alerts.map(({ alert }) => alert));
    for (const { alert, annotations, labels } of alerts) {
      expect(annotations.runbook).toBe(`docs/runbook.md#${alert.toLowerCase()}`);
      expect(['critical', 'warning']).toContain(labels.severity);
      const section = sections.get(alert) ?? '';
      for (const part of ['**Means:**', '**Users notice:**', /\*\*Look[:,]/, /(\*\*|, )[Dd]o:\*\*/])
        expect(section, alert).toMatch(part);
    }
    expect(alerts.length).toBeGreaterThan(20);
  });

  it('link to headings that exist', () => {
    const anchors = new Set(
      [...runbook.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
        heading
          .toLowerCase()
          .replaceAll(/[^\w -]/g, '')
          .replaceAll(' ', '-'),
      ),
    );
    const links = [...runbook.matchAll(/\]\(#([\w-]+)\)/g)].map(([, anchor = '']) => anchor);
    expect(links.filter((anchor) => !anchors.has(anchor))).toEqual([]);
    expect(links.length).toBeGreaterThan(10);
  });

  const hasPromtool = spawnSync('promtool', ['--version'], { stdio: 'ignore' }).status === 0;
  if (!hasPromtool) console.log('skipped: there is no promtool on the PATH');
  it.skipIf(!hasPromtool)(
    'fire on the series that they are meant for, and on no others (promtool)',
    () => {
      const tests = path.join('tools', 'monitoring', 'alerts.test.yaml');
      for (const args of [
        ['check', 'rules', path.join(files, 'alerts.yaml')],
        ['test', 'rules', tests],
      ]) {
        const { status, stdout, stderr } = spawnSync('promtool', args, { cwd: root, encoding: 'utf8' });
        expect([status, status === 0 ? '' : stdout + stderr]).toEqual([0, '']);
      }
    },
    60_000,
  );

  it('are all tested, with series in which they fire', () => {
    const tested = parse(readFileSync(path.join(import.meta.dirname, 'alerts.test.yaml'), 'utf8')) as {
      tests: { alert_rule_test: { alertname: string; exp_alerts: unknown[] }[] }[];
    };
    const cases = tested.tests.flatMap(({ alert_rule_test: rules }) => rules);
    const firing = new Set(cases.filter(({ exp_alerts: expected }) => expected.length > 0).map(({ alertname }) => alertname));
    const silent = new Set(cases.filter(({ exp_alerts: expected }) => expected.length === 0).map(({ alertname }) => alertname));
    expect([...firing].sort()).toEqual(alerts.map(({ alert }) => alert).sort());
    expect([...silent].sort()).toEqual(alerts.map(({ alert }) => alert).sort());
  });
});

describe('alerts and dashboards', () => {
  it('use metrics that are documented, with labels and values that they have', () => {
    const own = new Map(METRIC_SERVICES.flatMap((service) => metricsOf(service)).map((metric) => [metric.name, metric]));
    const common = ['job', 'namespace', 'instance', 'le'];
    for (const { where, expr } of queries) {
      expect(expr.startsWith('up') || expr.includes('ALERTS') || metricsIn(expr).length > 0, where).toBe(true);
      for (const series of metricsIn(expr)) expect(metricsPage, `${where}: ${series}`).toContain(`| \`${metricOf(series)}\` |`);
      for (const [, series = '', matchers = ''] of expr.matchAll(/\b(sluice_\w+)\{([^}]*)\}/g)) {
        const metric = own.get(metricOf(series));
        for (const [, label = '', operator, value = ''] of matchers.matchAll(/(\w+)(=~|!=|=)"([^"]*)"/g)) {
          if (common.includes(label)) continue;
          const values = metric?.labelValues[label];
          expect(values, `${where}: ${series}{${label}}`).toBeDefined();
          const wanted = operator === '=~' ? value.split('|') : [value];
          if (Array.isArray(values)) for (const one of wanted) expect(values, `${where}: ${series}{${label}}`).toContain(one);
        }
      }
    }
    expect(queries.length).toBeGreaterThan(80);
  });

  it('have panels side by side that do not overlap, with names of their own', () => {
    const uids = dashboards.map(({ text }) => (JSON.parse(text) as { uid: string }).uid);
    expect(new Set(uids).size).toBe(3);
    for (const { file, text } of dashboards) {
      const taken = new Set<string>();
      for (const { gridPos, title } of panelsOf(text)) {
        expect(gridPos.x + gridPos.w, `${file}: ${title}`).toBeLessThanOrEqual(24);
        for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++)
          for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
            expect(taken.has(`${x} ${y}`), `${file}: ${title}`).toBe(false);
            taken.add(`${x} ${y}`);
          }
      }
    }
  });
});
