import { clusterText } from '@sluice/domain';
import type { Schemas } from '@sluice/sdk';
import type { Output } from '../terminal/output.js';
import { showTags, showTime } from '../terminal/show.js';
import { printTls } from './print-tls.js';
import { SERVER_FIELDS, showState } from './server-list.js';
import { showOwn } from './settings-options.js';

type Server = Schemas['Server'];

const ms = (roundTrip: number | undefined): string | undefined =>
  roundTrip === undefined ? undefined : `${roundTrip < 10 ? roundTrip.toFixed(1) : Math.round(roundTrip)} ms`;

/** The answer to a check, besides the health. */
type Checked = Pick<Schemas['ServerCheck'], 'checkedBy' | 'nextCheckAllowedAt' | 'tls'>;

function showChecked(server: Server, { checkedBy, nextCheckAllowedAt }: Checked): string {
  const next = `The next check is possible at ${showTime(nextCheckAllowedAt)}.`;
  if (checkedBy !== null) return `${checkedBy} has checked it now. ${next}`;
  if (Date.parse(nextCheckAllowedAt) > Date.now())
    return `It was checked moments ago, so this is the result of that check. ${next}`;
  return `It was not checked: no relay of ${server.proxyCluster ?? 'the default cluster'} responds.`;
}

/** Prints a server, and what came of a check. */
export function printServer(out: Output, server: Server, checked?: Checked): void {
  const address = `${server.bindAddress}:${server.portOverride}`;
  const sentences = () => {
    out.fields([
      ['Name', server.name],
      ['Type', 'TCP'],
      ['Proxy cluster', clusterText(server.proxyCluster)],
      ['Endpoint', `${server.hostname}:${server.port}`],
      ['Connectivity mode', server.connectivityMode],
      ['Client address', address],
      ['DNS name', server.dns],
      ['Tags', showTags(server.tags)],
      ['PROXY protocol', server.proxyProtocol ? 'v2' : 'off'],
      ['Checks', server.check],
      ['Own settings', showOwn(server.settings) || "none (the organization's apply)"],
      ['Health', showState(server)],
      ['Version', server.version],
      ['Id', server.id],
    ]);
    out.line('');
    out.table(
      ['NODE', 'HEALTH', 'CHECKED', 'ROUND TRIP', 'LAST ERROR', 'AT'],
      server.health.nodes.map((node) => [
        node.nodeName,
        node.state,
        showTime(node.checkedAt),
        ms(node.roundTripMs),
        node.lastError,
        showTime(node.lastErrorAt),
      ]),
      'No node has checked it yet.',
    );
    if (server.health.flapping) out.line(`It is flapping: it changed at ${server.health.flapping.map(showTime).join(', ')}.`);
    if (checked) out.line(showChecked(server, checked));
    if (checked?.tls) printTls(out, checked.tls);
    out.line(
      `\nA client that checks TLS names must be given the name, because it connects to ${server.bindAddress}:\n  psql "host=${server.hostname} hostaddr=${server.bindAddress} port=${server.portOverride} sslmode=verify-full"\n  openssl s_client -connect ${address} -verify_hostname ${server.hostname}`,
    );
  };
  out.value({ ...server, ...checked }, sentences, { items: [server], columns: SERVER_FIELDS });
}
