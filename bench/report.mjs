// Results as tables, with the bars that are to be held, and as a picture.
const number = (value, digits = 2) => (value === undefined || Number.isNaN(value) ? '' : value.toFixed(digits));
const row = (cells) => `| ${cells.join(' | ')} |`;
const table = (head, rows) => [row(head), row(head.map(() => '---')), ...rows.map(row)].join('\n');
const listed = (values, digits) =>
  Object.entries(values)
    .map(([label, value]) => `${label} ${number(value, digits)}`)
    .join(', ');

/** What is to be held against the pair of HAProxy, by Node's major version: ratios, and kilobytes of an idle session in relay, agent and gateway. */
const BARS = {
  20: { direct: 0.9, gateway: 0.7, memory: [55, 55, 15] },
  24: { direct: 1, gateway: 0.85, memory: [70, 65, 12] },
};
const [RELAY_CPU, GATEWAY_CPU] = [1.1, 0.55];
const [SESSION_CPU, SESSION_CPU_IN_ALL] = [0.6, 1];
const [SESSION_P50, SESSION_P99, COLD_P50] = [0.7, 1, 1.6];
const SESSIONS_A_SECOND = 1.5;
const [ECHO_DIRECT, ECHO_GATEWAY] = [1.3, 1.6];
const [DIRECT, GATEWAY, HAPROXY] = ['Sluice, direct', 'Sluice, gateway', 'HAProxy pair'];

const sum = (of) => (of === undefined ? undefined : Object.values(of).reduce((a, b) => a + b, 0));
const ratio = (a, b) => (a === undefined || b === undefined || b === 0 ? undefined : a / b);

/** The prototype in native code, measured against the same bars. */
const [NATIVE_DIRECT, NATIVE_GATEWAY] = ['Native, direct', 'Native, gateway'];

/** Rows of what is to be held: what, got, bar, whether. */
function bars(major, { throughput, latency, rate, memory }, direct = DIRECT, gateway = GATEWAY) {
  const bar = BARS[major];
  if (!bar) return [];
  const rows = [];
  const add = (what, got, limit, atLeast = false) => {
    if (got === undefined || Number.isNaN(got)) return;
    const held = atLeast ? got >= limit : got <= limit;
    rows.push([what, number(got), `${atLeast ? 'at least' : 'at most'} ${limit}`, held ? 'held' : '**missed**']);
  };
  for (const stream of ['up', 'down', 'up, 8 streams', 'down, 8 streams']) {
    const of = (way) => throughput?.[way]?.[stream];
    const speed = (way) => ratio(of(way)?.gigabytesPerSecond, of(HAPROXY)?.gigabytesPerSecond);
    const cpu = (way, label) => ratio(of(way)?.cpuSecondsPerGigabyte[label], of(HAPROXY)?.cpuSecondsPerGigabyte.far);
    add(`throughput, direct, ${stream}`, speed(direct), bar.direct, true);
    add(`throughput, through the gateway, ${stream}`, speed(gateway), bar.gateway, true);
    add(`CPU per GB, relay / its TLS end, ${stream}`, cpu(direct, 'relay'), RELAY_CPU);
    add(`CPU per GB, gateway / its TLS end, ${stream}`, cpu(gateway, 'gateway'), GATEWAY_CPU);
  }
  const [ours, theirs] = [rate?.[direct], rate?.[HAPROXY]];
  const theirCpu = sum(theirs?.cpuMilliseconds);
  add('CPU of a session, relay and agent', ratio(sum(ours?.cpuMilliseconds), theirCpu), SESSION_CPU);
  if (Object.keys(ours?.behindMilliseconds ?? {}).length > 0)
    // the prototype has nothing behind it
    add(
      'CPU of a session, in all',
      ratio(sum(ours.cpuMilliseconds) + sum(ours.behindMilliseconds), theirCpu),
      SESSION_CPU_IN_ALL,
    );
  add('sessions a second, 8 at once', ratio(ours?.perSecond, theirs?.perSecond), SESSIONS_A_SECOND, true);
  add('sessions a second, 32 at once', ratio(ours?.perSecondOf32, theirs?.perSecondOf32), SESSIONS_A_SECOND, true);
  const time = (way, kind, percentile) => ratio(latency?.[way]?.[kind]?.[percentile], latency?.[HAPROXY]?.[kind]?.[percentile]);
  add('new session on a ready link, p50', time(direct, 'session', 'p50'), SESSION_P50);
  add('new session on a ready link, p99', time(direct, 'session', 'p99'), SESSION_P99);
  add('new session without a ready link, p50', time(direct, 'cold', 'p50'), COLD_P50);
  add('echo, direct, p50', time(direct, 'echo', 'p50'), ECHO_DIRECT);
  add('echo, through the gateway, p50', time(gateway, 'echo', 'p50'), ECHO_GATEWAY);
  for (const [i, label] of ['relay', 'agent', 'gateway'].entries())
    add(`idle session, KB in ${label}`, memory?.[gateway]?.kilobytesPerSession[label], bar.memory[i]);
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
    if (held.length > 0) parts.push(table(['to the HAProxy pair', name, 'bar', ''], held));
    const native = bars(major, result, NATIVE_DIRECT, NATIVE_GATEWAY);
    if (native.length > 0) parts.push(table(['to the HAProxy pair', 'native code', 'bar', ''], native));
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
