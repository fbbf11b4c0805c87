// What the dashboards are made of. Grafana's own format repeats much for each panel; here a panel is a title, a unit and its queries.

/** Which series a query is about: those of Sluice, in the namespaces that are chosen. Outside Kubernetes there is no such label, which `.*` matches too. */
export const OURS = 'job="sluice",namespace=~"$namespace"';
/** The same, of the processes that are chosen. */
export const CHOSEN = `${OURS},instance=~"$instance"`;

const source = { type: 'prometheus', uid: '${datasource}' };
const WIDTH = 24;

/** A row's heading. */
export const row = (title) => ({ type: 'row', title, w: WIDTH, h: 1, collapsed: false, panels: [] });

const panel = (type, title, unit, description, queries, size) => ({
  type,
  title,
  description,
  datasource: source,
  ...size,
  targets: Object.entries(queries).map(([legendFormat, expr], index) => ({
    refId: String.fromCharCode(65 + index),
    datasource: source,
    expr,
    legendFormat,
    range: type !== 'stat',
    instant: type === 'stat',
  })),
  fieldConfig: {
    defaults: { unit, min: 0, ...(type === 'timeseries' ? { custom: { fillOpacity: 8, showPoints: 'never' } } : {}) },
    overrides: [],
  },
});

/** One number, now. `bad` colours it from that value on. */
export function stat(title, unit, query, bad, description = '') {
  const made = panel('stat', title, unit, description, { '': query }, { w: 4, h: 4 });
  const steps = [{ color: 'green', value: null }, ...(bad === undefined ? [] : [{ color: 'red', value: bad }])];
  made.fieldConfig.defaults.thresholds = { mode: 'absolute', steps };
  return {
    ...made,
    options: { reduceOptions: { calcs: ['lastNotNull'] }, graphMode: 'none', colorMode: bad === undefined ? 'none' : 'value' },
  };
}

/** Values over time, by the legend of each query. */
export const graph = (title, unit, queries, description = '') => ({
  ...panel('timeseries', title, unit, description, queries, { w: 8, h: 8 }),
  options: { legend: { displayMode: 'list', placement: 'bottom' }, tooltip: { mode: 'multi', sort: 'desc' } },
});

const variable = (name, label, query) => ({
  name,
  label,
  type: 'query',
  datasource: source,
  query: { query, refId: name },
  definition: query,
  refresh: 2,
  includeAll: true,
  allValue: '.*',
  multi: true,
  current: { text: 'All', value: '$__all' },
  sort: 1,
});

/** A dashboard in the format of Grafana. @param instances the metric whose processes can be chosen */
export function dashboard(uid, title, description, panels, instances) {
  const place = { x: 0, y: 0, height: 0 };
  const placed = panels.map(({ w, h, ...rest }, index) => {
    if (place.x + w > WIDTH) Object.assign(place, { x: 0, y: place.y + place.height, height: 0 });
    const gridPos = { x: place.x, y: place.y, w, h };
    Object.assign(place, { x: place.x + w, height: Math.max(place.height, h) });
    return { id: index + 1, gridPos, ...rest };
  });
  return {
    uid,
    title,
    description,
    tags: ['sluice'],
    schemaVersion: 39,
    version: 1,
    editable: true,
    graphTooltip: 1,
    refresh: '30s',
    time: { from: 'now-6h', to: 'now' },
    templating: {
      list: [
        { name: 'datasource', label: 'Prometheus', type: 'datasource', query: 'prometheus', current: {}, refresh: 1 },
        variable('namespace', 'Namespace', 'label_values(sluice_service_info, namespace)'),
        ...(instances === undefined ? [] : [variable('instance', 'Process', `label_values(${instances}{${OURS}}, instance)`)]),
      ],
    },
    links: [{ type: 'dashboards', tags: ['sluice'], title: 'Sluice', asDropdown: true, keepTime: true, includeVars: true }],
    annotations: {
      list: [
        {
          name: 'Alerts',
          datasource: source,
          enable: true,
          iconColor: 'red',
          expr: 'ALERTS{alertname=~"Sluice.*",alertstate="firing"}',
          titleFormat: '{{alertname}}',
          textFormat: '{{instance}}',
        },
      ],
    },
    panels: placed,
  };
}
