// Results as tables, with the bars that are to be held, and as a picture.
const number = (value, digits = 2) => (value === undefined || Number.isNaN(value) ? '' : value.toFixed(digits));
const row = (cells) => `| ${cells.join(' | ')} |`;
const table = (head, rows) => [row(head), row(head.map(() => '---')), ...rows.map(row)].join('\n');
const listed = (values, digits) =>
  Object.entries(values)
    .map(([label, value]) => `${label} ${number(value, digits)}`)
    .join(', ');

/** What is to be held against the peers, by Node's major version: the least or most that a ratio may be. */
const BARS = {
  20: { direct: [1.1, 1.2], gateway: 0.9, relayCpu: 1.2, gatewayCpu: 0.5, session: [2, 0.7], echo: 1.5, memory: [55, 55, 15] },
  24: { direct: [1.2, 1.3], gateway: 1.0, relayCpu: 0.9, gatewayCpu: 0.4, session: [1.5, 0.6], echo: 1.4, memory: [65, 65, 15] },
};
const [DIRECT, GATEWAY, HAPROXY, SSH] = ['Sluice, direct', 'Sluice, gateway', 'HAProxy pair', 'ssh -L'];

/** Rows of what is to be held: what, got, bar, whether. */
function bars(major, { throughput, latency, memory, fdatasyncUs }) {
  const bar = BARS[major];
  if (!bar) return [];
  const rows = [];
  const add = (what, got, limit, atLeast) => {
    if (got === undefined || Number.isNaN(got)) return;
    rows.push([
      what,
      number(got),
      `${atLeast ? 'at least' : 'at most'} ${limit}`,
      (atLeast ? got >= limit : got <= limit) ? 'held' : '**missed**',
    ]);
  };
  for (const direction of ['up', 'down']) {
    const of = (way) => throughput?.[way]?.[direction];
    const ratio = (a, b) => (a && b ? a.gigabytesPerSecond / b.gigabytesPerSecond : undefined);
    const cpu = (way, label) => of(way)?.cpuSecondsPerGigabyte[label];
    add(`direct, ${direction}, throughput / HAProxy pair`, ratio(of(DIRECT), of(HAPROXY)), bar.direct[0], true);
    add(`direct, ${direction}, throughput / ssh -L`, ratio(of(DIRECT), of(SSH)), bar.direct[1], true);
    add(`gateway, ${direction}, throughput / HAProxy pair`, ratio(of(GATEWAY), of(HAPROXY)), bar.gateway, true);
    add(`relay, ${direction}, CPU per GB / HAProxy's TLS end`, cpu(DIRECT, 'relay') / cpu(HAPROXY, 'far'), bar.relayCpu, false);
    add(
      `gateway, ${direction}, CPU per GB / HAProxy's TLS end`,
      cpu(GATEWAY, 'gateway') / cpu(HAPROXY, 'far'),
      bar.gatewayCpu,
      false,
    );
  }
  const p50 = (way, kind) => latency?.[way]?.[kind]?.p50;
  for (const way of [DIRECT, GATEWAY]) {
    add(
      `${way}: new session p50 / (${bar.session[0]} x ssh -L + one fdatasync)`,
      p50(way, 'session') / (bar.session[0] * p50(SSH, 'session') + fdatasyncUs),
      1,
      false,
    );
    add(`${way}: new session p50 / HAProxy pair`, p50(way, 'session') / p50(HAPROXY, 'session'), bar.session[1], false);
  }
  add('echo p50 through all three / HAProxy pair', p50(GATEWAY, 'echo') / p50(HAPROXY, 'echo'), bar.echo, false);
  for (const [i, label] of ['relay', 'agent', 'gateway'].entries())
    add(`idle session, KB in ${label}`, memory?.[GATEWAY]?.kilobytesPerSession[label], bar.memory[i], false);
  return rows;
}

/** All results as Markdown. */
export function tables(results) {
  const parts = [];
  for (const [name, result] of Object.entries(results)) {
    const { machine, throughput, latency, rate, memory, fdatasyncUs } = result;
    const major = machine.node.slice(1).split('.')[0];
    parts.push(`## Node ${machine.node}`);
    parts.push(
      `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB, Linux ${machine.kernel}, OpenSSL ${machine.openssl}, HAProxy ${machine.haproxy}, ${machine.at.slice(0, 10)}. fdatasync p50 ${number(fdatasyncUs, 0)} µs.`,
    );
    const { kept = 0, disturbed = 0 } = result.samples ?? {};
    if (disturbed > 0)
      parts.push(
        `${disturbed} of ${kept} samples were disturbed by something else on the machine, also when they were taken again.`,
      );
    const held = bars(major, result);
    if (held.length > 0) parts.push(table(['ratio', name, 'bar', ''], held));
    if (throughput)
      parts.push(
        table(
          ['way', 'stream', 'GB/s', 'CPU seconds per GB'],
          Object.entries(throughput).flatMap(([way, kinds]) =>
            Object.entries(kinds).map(([kind, one]) => [
              way,
              kind,
              number(one.gigabytesPerSecond),
              listed(one.cpuSecondsPerGigabyte),
            ]),
          ),
        ),
      );
    if (latency)
      parts.push(
        table(
          ['way', 'new session p50 / p99, ms', '3 ms apart', 'no ready link', 'echo p50 / p99, µs'],
          Object.entries(latency).map(([way, { session, spaced, cold, echo }]) => [
            way,
            ...[session, spaced, cold].map((one) => `${number(one.p50 / 1000)} / ${number(one.p99 / 1000)}`),
            `${number(echo.p50, 0)} / ${number(echo.p99, 0)}`,
          ]),
        ),
      );
    if (rate)
      parts.push(
        table(
          ['way', 'new sessions a second, 8 at once', '32 at once', 'failed', 'CPU milliseconds a session', 'and behind it'],
          Object.entries(rate).map(([way, one]) => [
            way,
            number(one.perSecond, 0),
            number(one.perSecondOf32, 0),
            String(one.failed),
            listed(one.cpuMilliseconds),
            listed(one.behindMilliseconds ?? {}),
          ]),
        ),
      );
    if (memory)
      parts.push(
        table(
          ['way', 'KB an idle session', 'new session p50, ms, beside so many'],
          Object.entries(memory).map(([way, one]) => [
            way,
            listed(one.kilobytesPerSession, 0),
            one.steps.map(({ live, session }) => `${live}: ${number(session.p50 / 1000)}`).join(', '),
          ]),
        ),
      );
  }
  return parts.join('\n\n');
}

const COLOURS = ['#0b6e99', '#7fb8d1', '#b0553a', '#d9a441', '#7a8f5a', '#8a6f9e', '#9aa0a6'];

/** Throughput of one stream as bars, by way; one group per Node version and direction. */
export function plot(results) {
  const groups = Object.entries(results)
    .filter(([, result]) => result.throughput)
    .flatMap(([name, { throughput }]) =>
      ['up', 'down'].map((direction) => ({ title: `${name}, ${direction}`, throughput, direction })),
    );
  const ways = [...new Set(groups.flatMap(({ throughput }) => Object.keys(throughput)))].filter((way) => way !== 'no proxy');
  const most = Math.max(
    ...groups.flatMap(({ throughput, direction }) => ways.map((way) => throughput[way]?.[direction].gigabytesPerSecond ?? 0)),
  );
  const [width, height, left, group] = [180 * groups.length + 60, 320, 50, 180];
  const bar = (group - 24) / ways.length;
  const y = (value) => 250 - (value / most) * 220;
  const shapes = groups.flatMap(({ title, throughput, direction }, g) => [
    `<text x="${left + g * group + group / 2 - 12}" y="268" text-anchor="middle">${title}</text>`,
    ...ways.map((way, i) => {
      const value = throughput[way]?.[direction].gigabytesPerSecond ?? 0;
      const x = left + g * group + i * bar;
      return `<rect x="${x.toFixed(1)}" y="${y(value).toFixed(1)}" width="${(bar - 2).toFixed(1)}" height="${(250 - y(value)).toFixed(1)}" fill="${COLOURS[i]}"><title>${way}: ${number(value)} GB/s</title></rect>`;
    }),
  ]);
  const legend = ways.map(
    (way, i) =>
      `<rect x="${left + i * 112}" y="286" width="10" height="10" fill="${COLOURS[i]}"/><text x="${left + 14 + i * 112}" y="295">${way.replace(', no TLS', '')}</text>`,
  );
  const lines = [0, most / 2, most].map(
    (value) =>
      `<line x1="${left - 4}" x2="${width - 10}" y1="${y(value)}" y2="${y(value)}" stroke="#ddd"/><text x="${left - 8}" y="${y(value) + 4}" text-anchor="end">${number(value)}</text>`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${Math.max(width, 780)} ${height}" font-family="sans-serif" font-size="11">\n<title>Throughput of one stream, GB/s</title>\n${[...lines, ...shapes, ...legend].join('\n')}\n</svg>\n`;
}
