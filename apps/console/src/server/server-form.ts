import {
  type CheckMode,
  type ConnectivityMode,
  DEFAULT_PORT,
  isNumericSetting,
  type NetworkSettings,
  type Outcome,
  parseBindAddress,
  parseDisplayName,
  parseDnsName,
  parseHostname,
  parsePort,
  parsePortOverride,
  parseSetting,
  parseTags,
  rangeOf,
  splitTags,
} from '@sluice/domain';
import { labelled } from '../words/labelled.js';
import { toAscii } from '../words/to-ascii.js';
import type { Server } from './servers.js';

/** A server's own settings that are numbers. */
export const OWN_NUMBERS = [
  'dialTimeoutSeconds',
  'idleTimeoutSeconds',
  'maxSessionSeconds',
  'keepAliveSeconds',
  'sessionsPerServer',
  'checkIntervalSeconds',
  'checkBudgetSeconds',
] as const;
/** Name of a server's own setting that is a number. */
export type OwnNumber = (typeof OWN_NUMBERS)[number];

/** Titles of a server's own settings, and what they are. */
export const OWN_TITLES: Readonly<Record<OwnNumber, { title: string; hint: string }>> = {
  dialTimeoutSeconds: { title: 'Dial timeout, seconds', hint: 'How long a relay tries to connect to the server' },
  idleTimeoutSeconds: { title: 'Idle timeout, seconds', hint: 'A session that carries nothing for this long ends; 0: never' },
  maxSessionSeconds: { title: 'Longest session, seconds', hint: 'A session ends after this long; 0: never' },
  keepAliveSeconds: { title: 'TCP keep-alive, seconds', hint: 'Probes begin after this long without a byte; 0: none' },
  sessionsPerServer: { title: 'Sessions at once', hint: 'The limit at one relay; 0: none' },
  checkIntervalSeconds: { title: 'Check interval, seconds', hint: 'A server without sessions for this long is checked' },
  checkBudgetSeconds: { title: 'Check budget, seconds', hint: 'Relays connect for a check at most once in this time' },
};

/** The labels of the form, by those names of the API that are no words of a sentence. */
export const SERVER_LABELS = {
  proxyCluster: 'Proxy cluster',
  connectivityMode: 'Connectivity mode',
  bindAddress: 'IP address',
  portOverride: 'Port override',
  proxyProtocol: 'Send a PROXY protocol v2 header',
  noDelay: 'TCP no delay',
  ...(Object.fromEntries(OWN_NUMBERS.map((name) => [name, OWN_TITLES[name].title])) as Record<OwnNumber, string>),
} as const;

/** What the form holds: texts as they are typed. An empty text asks for the default, or for what is assigned. */
export interface ServerForm {
  name: string;
  proxyCluster: string;
  hostname: string;
  port: string;
  connectivityMode: ConnectivityMode;
  bindAddress: string;
  portOverride: string;
  dns: string;
  tags: string;
  proxyProtocol: boolean;
  check: CheckMode;
  settings: Record<OwnNumber, string> & { noDelay: '' | 'on' | 'off' };
}

/** The form of a new server. */
export const emptyForm = (): ServerForm => ({
  name: '',
  proxyCluster: '',
  hostname: '',
  port: String(DEFAULT_PORT),
  connectivityMode: 'loopback',
  bindAddress: '',
  portOverride: '',
  dns: '',
  tags: '',
  proxyProtocol: false,
  check: 'connect',
  settings: {
    dialTimeoutSeconds: '',
    idleTimeoutSeconds: '',
    maxSessionSeconds: '',
    keepAliveSeconds: '',
    sessionsPerServer: '',
    checkIntervalSeconds: '',
    checkBudgetSeconds: '',
    noDelay: '',
  },
});

/** The form of a server as it is. */
export function formOf(server: Server): ServerForm {
  const own = (name: OwnNumber): string => (server.settings[name] === null ? '' : String(server.settings[name]));
  return {
    name: server.name,
    proxyCluster: server.proxyCluster ?? '',
    hostname: server.hostname,
    port: String(server.port),
    connectivityMode: server.connectivityMode,
    bindAddress: server.bindAddress,
    portOverride: String(server.portOverride),
    dns: server.dns ?? '',
    tags: Object.entries(server.tags)
      .map(([key, value]) => `${key}=${value}`)
      .join(', '),
    proxyProtocol: server.proxyProtocol,
    check: server.check,
    settings: {
      dialTimeoutSeconds: own('dialTimeoutSeconds'),
      idleTimeoutSeconds: own('idleTimeoutSeconds'),
      maxSessionSeconds: own('maxSessionSeconds'),
      keepAliveSeconds: own('keepAliveSeconds'),
      sessionsPerServer: own('sessionsPerServer'),
      checkIntervalSeconds: own('checkIntervalSeconds'),
      checkBudgetSeconds: own('checkBudgetSeconds'),
      noDelay: server.settings.noDelay === null ? '' : server.settings.noDelay ? 'on' : 'off',
    },
  };
}

/** Why a form cannot be sent, by the paths of its fields. The rules are those that the server applies once more. */
export function validateServer(form: ServerForm, network: NetworkSettings): Record<string, string> {
  const errors: Record<string, string> = {};
  const check = (field: string, outcome: Outcome<unknown>): void => {
    if (!outcome.ok) errors[field] = labelled(outcome.refusal.message, SERVER_LABELS);
  };
  check('name', parseDisplayName(form.name));
  const hostname = parseHostname(form.hostname, toAscii);
  check('hostname', hostname);
  check('port', parsePort(form.port.trim()));
  if (form.bindAddress !== '')
    check('bindAddress', parseBindAddress(form.bindAddress.trim(), rangeOf(form.connectivityMode, network)));
  if (form.portOverride !== '') check('portOverride', parsePortOverride(form.portOverride.trim(), form.connectivityMode));
  if (form.connectivityMode === 'virtual-network' && form.dns !== '')
    check('dns', parseDnsName(form.dns, hostname.ok ? hostname.value : '', network.dnsZones, toAscii));
  const pairs = splitTags(form.tags);
  check('tags', pairs.ok ? parseTags(pairs.value) : pairs);
  for (const name of OWN_NUMBERS) {
    const typed = form.settings[name].trim();
    if (typed !== '' && isNumericSetting(name)) check(`settings.${name}`, parseSetting(name, Number(typed)));
  }
  return errors;
}

/** What is sent to add a server or to change one. */
export interface ServerBody {
  name: string;
  proxyCluster: string | null;
  hostname: string;
  port: number;
  connectivityMode: ConnectivityMode;
  bindAddress: string | null;
  portOverride: number | null;
  dns: string | null;
  tags: Record<string, string>;
  proxyProtocol: boolean;
  check: CheckMode;
  settings: Record<OwnNumber, number | null> & { noDelay: boolean | null };
}

/** The body of a form that has no errors. */
export function bodyOf(form: ServerForm): ServerBody {
  const number = (text: string): number | null => (text.trim() === '' ? null : Number(text));
  const pairs = splitTags(form.tags);
  const { settings } = form;
  return {
    name: form.name,
    proxyCluster: form.proxyCluster === '' ? null : form.proxyCluster,
    hostname: form.hostname,
    port: Number(form.port),
    connectivityMode: form.connectivityMode,
    bindAddress: form.bindAddress.trim() === '' ? null : form.bindAddress.trim(),
    portOverride: number(form.portOverride),
    dns: form.connectivityMode === 'loopback' || form.dns.trim() === '' ? null : form.dns.trim(),
    tags: Object.fromEntries(pairs.ok ? pairs.value : []),
    proxyProtocol: form.proxyProtocol,
    check: form.check,
    settings: {
      dialTimeoutSeconds: number(settings.dialTimeoutSeconds),
      idleTimeoutSeconds: number(settings.idleTimeoutSeconds),
      maxSessionSeconds: number(settings.maxSessionSeconds),
      keepAliveSeconds: number(settings.keepAliveSeconds),
      sessionsPerServer: number(settings.sessionsPerServer),
      checkIntervalSeconds: number(settings.checkIntervalSeconds),
      checkBudgetSeconds: number(settings.checkBudgetSeconds),
      noDelay: settings.noDelay === '' ? null : settings.noDelay === 'on',
    },
  };
}

/** Whether the form shows an input of this name, beside which a problem can be shown. That of a server's own settings may be folded up. */
export function hasInput(
  field: string,
  form: ServerForm,
  network: Pick<NetworkSettings, 'loopbackRange' | 'virtualNetworking'>,
): boolean {
  const virtual = form.connectivityMode === 'virtual-network';
  if (field === 'bindAddress') return virtual || network.loopbackRange.includes('/');
  if (field === 'dns') return virtual;
  if (field === 'connectivityMode') return network.virtualNetworking;
  return field in form && !['settings', 'check', 'proxyProtocol'].includes(field);
}
