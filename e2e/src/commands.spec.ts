import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import path from 'node:path';
import { openApiDocument } from '@sluice/contracts';
import { freePort } from '@sluice/embedded';
import { type Schemas, unwrap } from '@sluice/sdk';
import type { CommandResult, TestUser } from '@sluice/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { databaseOwner } from './database-owner.js';
import { Scene } from './scene.js';

// Every command, option and query parameter, used once as a person would. One that is missing from these tables fails the test.

let scene: Scene;
let admin: TestUser;
let server: Schemas['Server'];
let file: (text: string) => string;

beforeAll(async () => {
  scene = await Scene.start();
  admin = await scene.system.addUser('administrator');
  server = await scene.system.addServer(scene.resource.port, { name: 'my db', tags: { env: 'prod' } });
  await scene.system.grant([admin, scene.user], [server]);
  file = (text) => {
    const name = path.join(admin.configHome, `secret-${Math.random().toString(36).slice(2)}`);
    writeFileSync(name, text, { mode: 0o600 });
    return name;
  };
});
afterAll(async () => {
  await admin.leave();
  await scene.end();
});

const PASSWORD = 'correct horse battery staple';
const ANOTHER = 'twelve purple elephants dance';
const ID = '11111111-1111-4111-8111-111111111111';

/** A command as it is typed; `status` where it is not 0, `says` what must be in its output. */
interface Use {
  readonly typed: string | (() => string[] | Promise<string[]>);
  readonly status?: number;
  readonly says?: string | RegExp;
}
const words = (typed: string): string[] => typed.split(' ').filter((word) => word !== '');
const use = (typed: Use['typed'], says?: Use['says'], status = 0): Use => ({
  typed,
  status,
  ...(says === undefined ? {} : { says }),
});

/** Options by which sessions are found, whether they run or have ended. */
const FILTERS_OF_ALL = [
  ...['--proxy-cluster', 'default', '--client-address', '127.0.0.1', '--rule', 'role readers'],
  ...['--filter', '"my db" tag:env=prod bytes>=1 duration<1h'],
  ...['--since', '1h', '--until', '2100-01-01T00:00:00Z'],
];

/** In the order in which they are typed: one makes what the next one needs. */
const USES: readonly Use[] = [
  use('--version', '0.1.0'),
  use('admin --help', 'administer servers, users'),
  use('completion bash', 'complete -o default'),
  use('status', 'my db'),
  use('status -o csv', /^id,name,type,address,hostname,dns,tags,health,connected,sessions,lastRefusal\.at,/),
  use('connect --all', 'my db: listening at'),
  use('status -o yaml', 'connected: true'),
  use('ready --wait 20', 'Ready.'),
  use('ready nothing', 'Not ready: there is no server "nothing"', 1),
  use('doctor', /clock +good +agrees with the gateway's[^]*Nothing is wrong\./),
  use('doctor', /until \d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ \(in 11 h 5\d min\)/),
  use('doctor --json', '"check": "clock"'),
  use(() => ['disconnect', 'my db'], 'disconnected from'),
  use(async () => ['connect', 'my db', '--port', String(await freePort())], 'listening at'),
  use('logins list', 'this one'),
  use(`logins end ${ID}`, 'there is no login', 1),
  use(() => ['passwd', '--password-file', admin.passwordFile, '--new-password-file', file(ANOTHER)], 'is changed'),
  use(() => ['passwd', '--password-file', file(PASSWORD), '--new-password-file', file(ANOTHER)], 'the old password is wrong', 1),
  use(
    () => ['login', '--server', scene.installation.url, '--email', admin.email, '--password-file', file(ANOTHER), '--json'],
    '"apiRole": "administrator"',
  ),

  use(
    'admin servers add tcp one --hostname 127.0.0.1 --port 1 --tags env=prod --proxy-protocol on --connectivity-mode loopback --idle-timeout 9 --max-session 9 --keep-alive 9 --tcp-nodelay on --max-sessions 9 --check greeting --check-interval 60 --check-budget 20',
    'Added one',
  ),
  use(
    'admin servers add tcp two --hostname 127.0.0.1 --tags a',
    'a tag is key=value, and tags have commas between them (--tags has "a")',
    2,
  ),
  use('admin servers add tcp two --hostname 127.0.0.1 --dry-run', 'two would be at 127.0.0.1:'),
  use('admin servers show two', 'there is no server', 1),
  use(
    'admin servers add tcp two --hostname 127.0.0.1 --dial-timeout 0',
    '--dial-timeout is a whole number from 1 to 120 (it is "0")',
    2,
  ),
  use('admin servers add tcp two --hostname 127.0.0.1 --port-override 0', '(--port-override is "0")', 2),
  use('admin servers add tcp two --hostname 127.0.0.1 --bind-address 10.0.0.1', 'must lie inside the loopback range', 2),
  use('admin servers add tcp two --hostname 127.0.0.1 --dns two.example', 'virtual network mode only', 2),
  use('admin servers add tcp two --hostname 127.0.0.1 --proxy-cluster moon', 'there is no proxy cluster', 1),
  use('admin servers list -o csv', /^id,version,name/),
  use('admin servers list --search ON --tag env=prod --tag env --type tcp --proxy-cluster default', /^SERVER .*\none +tcp/),
  use('admin servers list --search one --tag env=test', 'There is no such server.'),
  use('admin servers list --health healthy', 'my db'),
  use('admin servers list --health ill', 'Allowed choices are healthy, unhealthy, unchecked', 2),
  use('admin servers list --tag =prod', '--tag is key=value, or a key alone (it is "=prod")', 2),
  use('admin servers list --proxy-cluster moon', 'there is no proxy cluster of this name (--proxy-cluster is "moon")', 1),
  use('admin servers show one', /Proxy cluster: +default\n/),
  use('admin servers update --help', /--port <port> +port that the relay dials\n/),
  use(
    'admin servers update one --name uno --hostname 127.0.0.2 --dial-timeout 5 --idle-timeout 60 --max-session 600 --keep-alive 30 --tcp-nodelay off --max-sessions 9 --check off --check-interval default --check-budget default',
    'idle-timeout 60',
  ),
  use('admin servers update uno --port 2 --connectivity-mode loopback --bind-address 127.0.0.1 --tags env=test', 'env=test'),
  use(
    async () => ['admin', 'servers', 'update', 'uno', '--proxy-protocol', 'off', '--port-override', String(await freePort())],
    /PROXY protocol: +off/,
  ),
  use('admin servers update uno --dns uno.example', 'virtual network mode only', 2),
  use('admin servers update uno', 'say what to change', 2),
  use('admin servers update uno --proxy-cluster moon', 'there is no proxy cluster', 1),
  use('admin servers check uno', 'Endpoint:'),
  use(
    () => ['admin', 'servers', 'check', 'my db', '--tls', 'direct'],
    /TLS: the service sent something that is not TLS|checked moments ago/,
  ),
  use(() => ['admin', 'servers', 'check', 'my db', '--tls', 'mysql'], 'Allowed choices are direct, postgresql', 2),
  use('admin servers access uno', 'Nobody may reach uno'),
  use(
    () => ['admin', 'servers', 'access', 'my db'],
    /USER +STATUS +ROLES +SINCE +LIVE SESSIONS\n[^]*active +role-.* \d{4}-\d\d-\d\d .*Z +0\n/,
  ),
  use(() => ['admin', 'servers', 'access', 'my db', '-o', 'csv'], /^user\.id,user\.email,user\.status,roles,liveSessions\n/),
  use('admin port-overrides list', 'uno'),
  use(async () => ['admin', 'port-overrides', 'set', 'uno', String(await freePort())], 'Clients find uno'),
  use('admin servers delete uno', 'give --yes to continue', 2),
  use('admin servers delete uno --yes', 'Deleted uno'),
  use('admin servers delete uno --yes', 'there is no server "uno"', 1),

  use('admin clusters add berlin', 'Added berlin'),
  use('admin clusters add Default', 'the name of the default cluster', 1),
  use('admin clusters list', 'berlin'),
  use('admin clusters rename berlin default', 'the name of the default cluster', 1),
  use('admin clusters show berlin', 'Workers:'),
  use('admin clusters rename berlin bern', 'The cluster berlin is bern now.'),
  use('admin cluster-keys create bern', 'SLUICE_ENROLMENT_TOKEN='),
  use('admin cluster-keys list --cluster bern', 'bern'),
  use(async () => ['admin', 'cluster-keys', 'show', await firstId('admin cluster-keys list')], 'Last used:'),
  use(async () => ['admin', 'cluster-keys', 'revoke', await firstId('admin cluster-keys list'), '--yes'], 'Revoked'),
  use(
    'admin siem create splunk --subjects audit.v1.session.>,audit.v1.activity.> --from 1h',
    /BEGIN NATS USER JWT[^]*Inbox prefix: +_INBOX_U/,
  ),
  use(
    () => ['admin', 'siem', 'create', 'elk', '--from', '1', '--out', path.join(admin.configHome, 'elk.creds')],
    'Its credentials are in',
  ),
  use(
    () => ['admin', 'siem', 'create', 'again', '--out', path.join(admin.configHome, 'elk.creds')],
    'elk.creds exists already',
    2,
  ),
  use('admin siem create lake --format ocsf --subjects siem.v1.ocsf.network_activity.>', /Format: +ocsf\nStream: +OCSF/),
  use('admin siem create other --format ocsf --subjects audit.v1.>', 'a pattern of this format is siem.v1.ocsf.>', 2),
  use('admin siem create other --format syslog', 'Allowed choices are cloudevents, ocsf', 2),
  use('admin siem create SPLUNK', 'there is a SIEM reader of this name already', 1),
  use('admin siem create other --subjects audit.v1.>,audit.v1.relay.>', 'match the same events', 2),
  use('admin siem create other --from soon', '--from is a time such as', 2),
  use('admin siem list', /^READER .*\nelk +\d+/),
  use('admin siem list -o csv', /^id,version,name,consumer,delivery\.waiting/),
  use('admin siem show lake', /Format: +ocsf[^]*Converted: +up to number \d+/),
  use(
    'admin siem show splunk',
    /Servers: +\w+:\/\/[^]*Waiting: +\d+ event[^]*Created: +.* by [^]*authority of NATS[^]*BEGIN CERTIFICATE/,
  ),
  use('admin siem show splunk', /Delivered: +nothing fetched yet since NATS was started; it continues after number \d+/),
  use(
    'admin siem show splunk -o csv',
    /^id,version,name,consumer,delivery\.waiting,.*,servers,ca,fromTime,[^]*\w+:\/\/[^]*BEGIN CERTIFICATE/,
  ),
  use(
    () => ['admin', 'siem', 'rotate', 'splunk', '--out', path.join(admin.configHome, 'splunk.creds'), '--yes'],
    'Replaced the credentials of splunk.',
  ),
  use('admin siem replay splunk --from 24h --yes', /splunk begins again at .*\. Waiting for it: \d+ events?\./),
  use('admin siem replay splunk --from 24h', 'give --yes', 2),
  use(
    'audit status',
    /OCSF stream: +numbers[^]*READER +WAITING[^]*\nocsf +\d+[^]*\nelk +\d+[^]*RELAY +STORED THROUGH[^]*\nrelay-1 +\d+/,
  ),
  use('audit status -o csv', /^kind,id,name,delivery\.waiting/),
  use('admin siem delete splunk --yes', 'Deleted splunk'),
  use('admin siem delete lake --yes', 'Deleted lake'),
  use('admin nodes create-token --name relay-x --proxy-cluster bern', 'Token for relay-x'),
  use('admin nodes create-token --name ..', 'begins with a letter or a digit', 2),
  use('admin nodes create-token --name RELAY-1', 'there is a node of this name already', 1),
  use('admin clusters delete bern --yes', 'Deleted bern'),
  use('admin nodes list', 'CARRIES'),
  use('admin nodes list --gone -o csv', /^id,version,name,.*,drain\.since,drain\.deadline\n/),
  use(
    'admin nodes drain relay-1 --preview',
    /running sessions? through it .*only one of the default cluster: nobody can connect/,
  ),
  use('admin nodes drain relay-1 --deadline soon', '--deadline is a number of seconds from 0 to 86400', 2),
  use('admin nodes drain relay-1 --deadline 60', 'end at the latest after 60 s. It is the only one of the default cluster', 2),
  use(async () => ['admin', 'nodes', 'drain', await nameOf('gateway')], 'It is the only one: nobody can connect until', 2),
  use(
    'admin nodes drain relay-1 --yes',
    'relay-1 accepts nothing new; running sessions go on until they end. 1 of 1 relays have it.',
  ),
  use('admin nodes undrain relay-1', 'relay-1 is in service again. 1 of 1 relays have it.'),
  use(async () => ['admin', 'nodes', 'show', await firstId('admin nodes list')], 'Kind:'),
  use('admin nodes rename relay-1 relay-one', 'The relay relay-1 is relay-one now.'),
  use('admin nodes rename relay-one relay-1', 'The relay relay-one is relay-1 now.'),
  use(async () => ['admin', 'nodes', 'rename', await nameOf('gateway'), 'other'], 'the name in its configuration', 1),
  use(async () => ['admin', 'nodes', 'delete', await nameOf('gateway')], 'the only one: nobody can connect', 2),
  use(async () => ['admin', 'nodes', 'delete', await nameOf('relay')], 'the only one of the default cluster', 2),
  use('admin nodes delete nothing --yes', 'there is no node "nothing"', 1),

  use(() => ['admin', 'users', 'add', 'bob@example.test', '--role', 'auditor', '--password-file', file(PASSWORD)], 'Added bob'),
  use('admin users list', 'bob@example.test'),
  use('admin users show bob@example.test', 'auditor'),
  use('admin users update bob@example.test --email rob@example.test --role user', 'rob@example.test'),
  use('admin users update rob@example.test', 'say what to change', 2),
  use('admin logins list --user rob@example.test', 'There are no logins.'),
  use(`admin logins end ${ID} --user rob@example.test`, 'there is no login', 1),
  use('admin users suspend rob@example.test', 'ends their logins, and 0 running sessions of theirs. Nothing was done', 2),
  use('admin users suspend rob@example.test --yes', 'Suspended'),
  use('admin users access rob@example.test', /may not reach any server\.\n\n.* is suspended/),
  use('admin users resume rob@example.test', 'Resumed'),
  use('admin users reset-password rob@example.test --yes --json', '"code"'),
  use(
    () => [
      'passwd',
      '--server',
      scene.installation.url,
      '--email',
      'rob@example.test',
      '--password-file',
      file('no code'),
      '--new-password-file',
      file(ANOTHER),
    ],
    'wrong',
    1,
  ),
  use('admin roles add dev', 'Added the role dev'),
  use('admin roles rename dev ops', 'The role dev is ops now.'),
  use(() => ['admin', 'roles', 'grant', 'ops', 'my db'], 'The role ops now reaches my db'),
  use('admin roles assign ops rob@example.test', 'holds ops'),
  use('admin users access rob@example.test', /SERVER +ROLES +SINCE +LIVE SESSIONS\nmy db +ops +\d{4}-.*Z +0\n/),
  use('admin roles show ops', 'rob@example.test'),
  use('admin roles list', 'ops'),
  use('admin roles delete ops', 'The role ops is in use: deleting it takes 1 server from 1 user', 2),
  use('admin roles unassign ops rob@example.test', 'does not hold'),
  use(() => ['admin', 'roles', 'revoke', 'ops', 'my db'], 'no longer reaches'),
  use('admin roles delete ops --yes', 'Deleted ops'),
  use('admin users delete rob@example.test --yes', 'Deleted'),

  use('admin settings show', '--idle-timeout'),
  use(
    'admin settings set --idle-timeout 0 --dial-timeout 10 --max-session 0 --keep-alive 15 --tcp-nodelay on --max-sessions 0 --check-interval 300 --check-budget 10',
    'relays have it',
  ),
  use('admin settings set --max-account-sessions 1000 --max-account-links 2000 --max-address-sessions 0', 'relays have it'),
  use('admin settings set --max-address-links 0 --max-address-preambles 1000 --loopback-range 127.0.0.1', 'relays have it'),
  use(
    'admin settings set --virtual-networking on --virtual-subnet 100.64.0.0/16 --dns-zones none',
    'do not serve virtual networking yet',
  ),
  use(
    'admin settings set --session-retention 365 --activity-retention 365 --fact-retention 400',
    /records of sessions and their facts from more than 365 days ago; activities from more than 365 days ago; facts .* more than 400 days ago.* give --yes/,
    2,
  ),
  use('admin settings set --session-retention 365 --activity-retention 365 --fact-retention 400 --yes', 'relays have it'),
  use('admin settings set --session-retention 366', 'relays have it'),
  use('admin settings set --session-retention 30', '--session-retention is a whole number from 31 to 36500', 2),
  use('admin settings set --dial-timeout 0', '--dial-timeout is a whole number from 1 to 120 (it is "0")', 2),
  use('admin settings set --virtual-networking off', 'relays have it'),
  use(async () => ['admin', 'activities', 'show', await lastChangeOfSettings()], /after:\n[^]*virtualNetworking: false/),
  use('admin activities list --limit 5', /updated +settings/),
  use('admin activities list --limit 1 --page 2', 'There are more: --page 3'),
  use('admin activities list --page 0', '--page is a whole number', 2),
  use(
    () => ['admin', 'activities', 'list', '--object', 'rob@example.test', '--action', 'assigned', '--kind', 'role'],
    /assigned +role +ops +rob@example\.test/,
  ),
  use(
    () => ['admin', 'activities', 'list', '--actor', admin.email, '--since', '1h', '--object', 'my db'],
    /granted +role +ops +my db/,
  ),
  use('admin activities list --until 1d', 'Nothing of the kind was done.'),
  use('admin activities list --until 1d -o csv', /^id,at,actor\.id,actor\.email,.*,member\.name,before,after,shortened\n$/),

  use('admin sessions list', 'No sessions are running.'),
  use(
    () => ['admin', 'sessions', 'list', '--account', admin.email, '--server', 'my db', '--node', 'relay-1'],
    'No sessions are running.',
  ),
  use(() => ['admin', 'sessions', 'list', '--resource', 'my db'], 'No sessions are running.'), // the earlier name of --server
  use('admin sessions list --resource a --server b', '--resource is --server', 2),
  use('admin sessions list --node nothing', 'there is no node "nothing"', 1),
  use(
    async () => ['admin', 'sessions', 'list', '--gateway', await nameOf('gateway'), ...FILTERS_OF_ALL],
    'No sessions are running.',
  ),
  use('admin sessions list --gateway nothing', 'there is no node "nothing"', 1),
  use('admin sessions list --proxy-cluster moon', 'there is no proxy cluster "moon"', 1),
  use(`admin sessions show ${ID}`, 'there is no session', 1),
  use(`admin sessions end ${ID} --why because`, 'there is no session', 1),
  use('admin sessions end', 'say which', 2),
  use(
    () => ['admin', 'sessions', 'end', '--account', admin.email, '--server', 'my db', '--node', 'relay-1', '--yes'],
    'Ended 0 sessions.',
  ),
  use(
    async () => ['admin', 'sessions', 'end', '--gateway', await nameOf('gateway'), ...FILTERS_OF_ALL, '--yes'],
    'Ended 0 sessions.',
  ),
  use(
    () => [
      'audit',
      'sessions',
      '--server',
      'my db',
      '--account',
      admin.email,
      '--node',
      'relay-1',
      '--since',
      '1h',
      '--live',
      '--limit',
      '3',
    ],
    'No sessions.',
  ),
  use(
    () => [
      ...['audit', 'sessions', '--gateway', ID, '--client-address', '127.0.0.1', '--outcome', 'refused'],
      ...['--end-reason', 'no grant', '--rule', 'role readers', '--until', '1h'],
    ],
    'No sessions.',
  ),
  use('audit sessions --outcome lost', 'Allowed choices are refused, failed, completed', 2),
  use('audit sessions --until tomorrow', '--until is a time such as', 2),
  use('audit sessions --proxy-cluster default --until 1h', 'No sessions.'),
  use(
    'audit sessions --client-address 10.0.0.',
    '--client-address is an IP address, with or without a port (it is "10.0.0.")',
    2,
  ),
  use('audit sessions --since 1h --until 2h', 'until is later than since', 2),
  use(
    'audit sessions --filter acount:ann',
    '--filter has an error at column 1: there is no field "acount"; fields are account, server',
    2,
  ),
  use('audit sessions --filter gateway:nope', '--filter has an error at column 9: there is no gateway "nope"', 2),
  use(`audit facts ${ID}`, 'there is no session', 1),
  use('audit overview', 'Live sessions:'),
  use('audit overview -o csv', /^at,live,completed,refused,failed,bytes\n/),
  use('audit sessions --live -o csv', /^id,requestId,attempt,state,account\.id,.*,source,repeats\n$/),
  use('audit retention', /sessions +forever[^]*Dropped: +0 facts, 0 records/),
  use('audit hold list', 'Nothing is held.'),
  use(
    'audit hold add --account ann@example.test --server db --since 7d --until 1h --reason case',
    'Held: nothing of it is dropped',
  ),
  use('audit hold add --since 0001-01-01T00:00:00Z --reason case', 'the times of a hold are between 1970 and 2200', 2),
  use('audit hold add --since 1h --until 7d --reason case', 'a hold ends later than it begins', 2),
  use('audit hold add --since 2026-02-30 --reason case', '--since is a time such as', 2),
  use('audit hold add --account nobody@example.test --reason case', 'No session that it finds is recorded yet'),
  use(`audit hold release ${ID} --yes`, 'there is no hold', 1),
  use(async () => {
    const { items } = await unwrap(scene.system.admin.GET('/api/v1/holds', {}));
    return ['audit', 'hold', 'release', items[0]?.id ?? 'none', '--yes'];
  }, 'Released the hold "case".'),
  use('audit quarantine list', 'Nothing is in quarantine.'),
  use('audit quarantine retry', '0 of 0 became records.'),
  use(
    () => ['audit', 'export', '--since', '1h', '--until', '2100-01-01T00:00:00Z', '--out', path.join(admin.configHome, 'export')],
    /export has \d+ facts and \d+ records?\. Check it with/,
  ),
  use(
    () => ['audit', 'export', '--format', 'csv', '--since', '1h', '--out', path.join(admin.configHome, 'export.csv')],
    /export\.csv has \d+ records?\. It cannot be verified: for evidence, export with --format ndjson/,
  ),
  use(
    () => ['audit', 'verify', path.join(admin.configHome, 'export.csv')],
    'cannot be verified: it is CSV, which has no facts',
    2,
  ),
  use('audit export --format csv --resume', '--resume is for --format ndjson', 2),
  use('audit export --since 2100-01-01', '--since is in the future (it is "2100-01-01")', 2),
  use('audit export --since 1h --until 2h', '--since is later than --until', 2),
  use('audit export --format xml', 'Allowed choices are ndjson, csv', 2),
  use('audit export --resume', '--resume needs --out', 2),
  use(() => ['audit', 'export', '--resume', '--out', path.join(admin.configHome, 'none')], 'there is no unfinished export', 1),
  use(() => {
    const login = JSON.parse(readFileSync(path.join(admin.configHome, 'login.json'), 'utf8')) as { ca: string };
    return ['audit', 'verify', path.join(admin.configHome, 'export'), '--authority', file(login.ca)];
  }, /complete for relay relay-1 \(.{36}\), numbers \d+ to \d+[^]*Nothing is wrong\./),
  use(() => ['audit', 'verify', 'none', '--authority', file('no PEM')], 'has no certificate that can be read: --authority', 2),
  use(() => ['audit', 'verify', 'none', '--heads', file('')], 'it has no signed head', 2), // with some: export.spec.ts
  use(() => ['audit', 'verify', file('no export')], 'cannot be verified: it is not an export of Sluice', 2),
  use('admin authority show', /current .*\nNo rotation is under way\./),
  use('admin authority show --pem', '-----BEGIN CERTIFICATE-----'),
  use('admin authority switch --yes', 'no rotation is under way: prepare the next authority first', 1),
  use('admin authority prepare', 'which still signs. Nothing was done', 2),
  use('admin authority prepare --yes', /current [^]*next [^]*Accept the next authority: \d of \d nodes/),
  use('admin authority switch', 'the key of the present one is deleted. Nothing was done', 2),
  use(() => onceAllAreReady('admin authority switch --yes --force'), /former [^]*current /),
  use('admin authority retire', 'this cannot be undone. Nothing was done', 2),
  use(() => onceAllAreReady('admin authority retire --yes --force'), /retired [^]*current [^]*No rotation is under way\./),
  use('agent stop', 'The agent has stopped.'),
  use('agent install --help', 'have systemd run the agent'), // what they do is shown in installed-agent.spec.ts: it is this machine's systemd
  use('agent uninstall --help', 'undo'),
  use('agent run --allow-user nobody-of-this-name', 'there is no user', 2),
  use('agent run --listen 0.0.0.0', '--listen needs --allow-user any', 2), // that it listens there: sidecar.spec.ts
  use('logout --local', 'Signed out.'), // where the system does not answer: status.spec.ts
  use('status', 'nobody is signed in here', 1),
];

/** The minute's folded failures of signing in may be newer. */
async function lastChangeOfSettings(): Promise<string> {
  const activities = JSON.parse(await admin.mustRun('admin', 'activities', 'list', '--json')) as {
    id: string;
    object: { kind: string };
  }[];
  return activities.find(({ object }) => object.kind === 'settings')?.id ?? 'none';
}

/** Waits until the rotation's next step harms no node and no agent. */
async function onceAllAreReady(step: string): Promise<string[]> {
  const ready = async () => {
    const { nodes, agents } = await unwrap(scene.system.admin.GET('/api/v1/authorities'));
    return [nodes.ready - nodes.all, agents.ready - agents.all];
  };
  await expect.poll(ready, { timeout: 60_000 }).toEqual([0, 0]);
  return words(step);
}

async function firstId(list: string): Promise<string> {
  const [first] = JSON.parse(await admin.mustRun(...words(list), '--json')) as { id: string }[];
  return first?.id ?? 'none';
}

async function nameOf(kind: string): Promise<string> {
  const nodes = JSON.parse(await admin.mustRun('admin', 'nodes', 'list', '--json')) as Schemas['Node'][];
  return nodes.find((node) => node.kind === kind)?.name ?? 'none';
}

describe('every command', () => {
  const used: string[][] = [];

  it('does what the table says, and never shows a stack trace', async () => {
    for (const { typed, status, says } of USES) {
      const args = typeof typed === 'string' ? words(typed) : await typed();
      used.push(args);
      const said: CommandResult = await admin.run(...args);
      const text = said.stdout + said.stderr;
      expect([args.join(' '), said.status, text]).toEqual([
        args.join(' '),
        status,
        says === undefined ? text : expect.stringMatching(pattern(says)),
      ]);
      expect(text).not.toMatch(/\n\s+at /);
    }
  }, 600_000);

  it('is in the table, with each of its options', async () => {
    const help = await everyHelp();
    const missing = [...help].flatMap(([command, options]) => {
      const of = used.filter((args) => args.join(' ').startsWith(command));
      if (of.length === 0) return [command];
      return options.filter((option) => !of.some((args) => args.includes(option))).map((option) => `${command} ${option}`);
    });
    expect(missing).toEqual([]);
    expect(help.size).toBeGreaterThan(50);
  }, 180_000);
});

it('asks for a confirmation at a terminal without --yes, and does nothing unless the answer is yes', async () => {
  const other = await scene.system.addUser('administrator');
  await scene.system.addServer(1, { name: 'doomed' });
  const main = path.join(import.meta.dirname, '..', '..', 'apps', 'agent', 'bin', 'sluice.mjs');
  const answering = (answer: string) =>
    new Promise<string>((resolve) => {
      const typed = [process.execPath, main, 'admin', 'servers', 'delete', 'doomed'].map((word) => `'${word}'`).join(' ');
      const env = { ...process.env, SLUICE_CONFIG_HOME: other.configHome };
      const child = execFile('script', ['-qec', typed, '/dev/null'], { env, timeout: 60_000 }, (_error, stdout) =>
        resolve(stdout),
      );
      let seen = '';
      child.stdout?.on('data', (text: string) => {
        const before = seen.includes('[y/N]');
        seen += text;
        if (!before && seen.includes('[y/N]')) child.stdin?.write(`${answer}\r`);
      });
    });
  expect(await answering('')).toMatch(
    /Deleting doomed cannot be undone, and ends 0 running sessions to it\. Go on\?[^]*nothing was done/,
  );
  expect(await answering('\u0004')).toContain('nothing was entered'); // the end of input
  expect(await answering('y')).toContain('Deleted doomed.');
  await other.leave();
});

const pattern = (says: string | RegExp): RegExp =>
  says instanceof RegExp ? says : new RegExp(says.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`));

/** Every command that does something, with its own options, as the completion of bash knows them. */
async function everyHelp(): Promise<Map<string, string[]>> {
  const script = await admin.mustRun('completion', 'bash');
  const places = [...script.matchAll(/^ {4}'(.*)'\) words='(.*)' ;;$/gm)].map(([, command = '', follow = '']) => ({
    command,
    follow,
  }));
  const leaves = places.filter(
    ({ command }) => !places.some((other) => other.command.startsWith(`${command} `)) && command !== '',
  );
  const everywhere = ['--help', '--json', '--output'];
  return new Map(
    leaves.map(({ command, follow }) => [
      command,
      follow.split(' ').filter((word) => word.startsWith('--') && !everywhere.includes(word)),
    ]),
  );
}

interface Parameter {
  readonly name: string;
  readonly in: string;
}

it('shows a session with its time line, both counts, and its facts with their numbers', async () => {
  await admin.mustRun('login', '--server', scene.installation.url, '--email', admin.email, '--password-file', file(ANOTHER));
  const port = await scene.user.connect('my db');
  await new Promise<void>((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.end('hello')).on('error', reject);
    socket.resume().once('close', () => resolve());
  });
  const [record] = await scene.system.recordsWhen(server.id, ([first]) => first?.state === 'final' && first.bytesUp === 5);
  const id = record?.id ?? '';
  const shown = await scene.user.run('admin', 'sessions', 'show', id); // their own, without its facts
  expect(shown.stdout).toMatch(/Counted by the agent: +5 B up, 5 B down[^]*WHAT +DETAILS[^]*requested[^]*ended/);
  const whole = JSON.parse(await admin.mustRun('admin', 'sessions', 'show', id, '--json')) as {
    facts: Schemas['SessionFact'][];
  };
  const [opened, closed] = whole.facts;
  expect(whole.facts.map(({ kind }) => kind)).toEqual(['opened', 'closed']);
  const text = await admin.mustRun('admin', 'sessions', 'show', id);
  expect(text).toMatch(/Proxy cluster: +default\nGateway: +[\da-f-]{36}\n/);
  expect(text).toMatch(
    new RegExp(
      `requested[^]*opened +dialled 127\\.0\\.0\\.1:\\d+ +${opened?.number} [^]*closed +5 B up, 5 B down; client closed +${closed?.number} `,
    ),
  );
  expect(closed?.number).toBe((opened?.number ?? 0) + 1);
  expect(closed?.previous).toBe(opened?.hash); // nothing else was written between them
  expect(await admin.mustRun('audit', 'facts', id)).toMatch(new RegExp(`closed +${closed?.number} .*${closed?.hash}\n$`));
  expect(await admin.mustRun('audit', 'facts', id, '-o', 'csv')).toMatch(/^id,kind,author,incarnation,number,previous,hash,/);
  expect((await scene.user.run('audit', 'facts', id)).stderr).toContain('requires the API role');
  expect((await admin.run('audit', 'facts', id)).stderr).toBe('');

  const owner = await databaseOwner(scene.system);
  const { rows } = await owner.query<{ id: string }>( // as a release that did not note which session a fact is about has left it
    `insert into audit.session (id, state, request_id, attempt, account_id, resource_id, relay_id, relay_name, started_at, ended_at, end_reason, outcome)
     select gen_random_uuid(), state, request_id, attempt, account_id, 'old', relay_id, relay_name, started_at, ended_at, end_reason, outcome
       from audit.session where id = $1 returning id`,
    [id],
  );
  await owner.end();
  const old = rows[0]?.id ?? '';
  const said = await admin.run('audit', 'facts', old, '--json');
  expect([JSON.parse(said.stdout), said.stderr]).toEqual([[], expect.stringContaining('Facts of this session are missing here')]);
  expect(await admin.mustRun('admin', 'sessions', 'show', old)).toMatch(
    /Proxy cluster: +default[^]*ended +client closed[^]*Facts of this session are missing here/,
  );
});

describe('every query parameter', () => {
  let record: Schemas['AuditRecord'] | undefined;
  let chain: Schemas['FactChain'] | undefined;
  /** Values that find something, by operation and parameter; what every list has stands below. */
  const VALUES: Record<string, () => Record<string, string>> = {
    'servers.list': () => ({
      name: 'my db',
      search: 'MY',
      tag: 'env=prod',
      health: 'healthy',
      type: 'tcp',
      proxyCluster: 'default',
    }),
    'users.list': () => ({ email: scene.user.email }),
    'roles.list': () => ({ name: 'seldom' }),
    'nodes.list': () => ({ name: 'relay-1', gone: 'true' }),
    'clusters.list': () => ({ name: 'far' }),
    'cluster-keys.list': () => ({ proxyCluster: 'far' }),
    'siem-readers.list': () => ({ name: 'elk' }),
    'sessions.list': () => ({
      filter: 'MY relay:relay-1 tag:env=prod outcome:completed bytes>=1 duration<1h live:no since:1h',
      resource: server.id,
      account: scene.user.id,
      node: 'relay-1',
      proxyCluster: 'default',
      gateway: record?.gateway ?? '',
      clientAddress: '127.0.0.1',
      outcome: 'completed',
      endReason: 'client closed',
      rule: record?.rule ?? '',
      since: '2026-01-01T00:00:00Z',
      until: '2100-01-01T00:00:00Z',
      live: 'false',
    }),
    'activities.list': () => ({
      actor: 'admin@sluice.local',
      action: 'assigned',
      kind: 'role',
      object: scene.user.email,
      since: '2026-01-01T00:00:00Z',
      until: '2100-01-01T00:00:00Z',
    }),
    'chains.list': () => ({ since: '2026-01-01T00:00:00Z', until: '2100-01-01T00:00:00Z' }),
    'chains.facts': () => ({ from: '1', to: '1' }),
    'me.show': () => ({ version: 'none', from: '0' }),
  };
  const paged = ['limit', 'cursor'];
  /** Lists whose cursor contains a time; those of the others are names and numbers. */
  const BY_TIME = [
    ...['sessions.list', 'sessions.list-facts', 'activities.list'],
    ...['cluster-keys.list', 'me.list-logins', 'users.list-logins'],
  ];
  /** Parameters that take one of a few words, a moment or the name of something that there is. */
  const CLOSED = [
    'since',
    'until',
    'live',
    'gone',
    'clientAddress',
    'outcome',
    'endReason',
    'proxyCluster',
    'health',
    'type',
    'from',
    'to',
  ];

  const operations = Object.entries(
    openApiDocument()['paths'] as Record<string, Record<string, { operationId: string; parameters: Parameter[] }>>,
  )
    .flatMap(([url, methods]) =>
      Object.entries(methods).map(([method, { operationId, parameters }]) => ({ url, method, operationId, parameters })),
    )
    .filter(({ method, operationId }) => method === 'get' && operationId !== 'events.watch') // a stream, not a list: see events.spec.ts
    .map((each) => ({ ...each, names: each.parameters.filter((parameter) => parameter.in === 'query').map(({ name }) => name) }))
    .filter(({ names }) => names.length > 0);

  const ask = async (url: string) => {
    const response = await fetch(`${scene.installation.url}${url}`, {
      headers: { authorization: `Bearer ${scene.system.adminToken}` },
    });
    return {
      status: response.status,
      body: (await response.json()) as { items?: unknown[]; nextCursor?: string; code?: string },
    };
  };
  const get = async (url: string) => {
    const { status, body } = await ask(url);
    expect([url, status, body]).toEqual([url, 200, body]);
    return body;
  };

  beforeAll(async () => {
    const { admin: api } = scene.system;
    await unwrap(api.POST('/api/v1/roles', { body: { name: 'seldom' } }));
    await unwrap(api.POST('/api/v1/clusters', { body: { name: 'far' } }));
    await unwrap(api.POST('/api/v1/cluster-keys', { body: { proxyCluster: 'far' } }));
    const port = await scene.user.connect('my db');
    await new Promise<void>((resolve, reject) => {
      const socket = connect(port, '127.0.0.1', () => socket.end('hello')).on('error', reject);
      socket.resume().once('close', () => resolve());
    });
    [record] = await scene.system.recordsWhen(server.id, ([first]) => first?.state === 'final');
    chain = (await unwrap(api.GET('/api/v1/chains', { params: { query: { limit: 1 } } }))).items[0];
  });

  it.each(operations)('of $operationId finds what it should, and the pages continue', async ({ url, operationId, names }) => {
    const id = url.includes('/servers/') ? server.id : url.includes('/sessions/') ? (record?.id ?? '') : scene.user.id;
    const at = url
      .replace('{id}', id)
      .replace('{author}', chain?.author ?? '')
      .replace('{incarnation}', chain?.incarnation ?? '');
    const values = VALUES[operationId]?.() ?? {};
    expect(names.filter((name) => !paged.includes(name)).sort()).toEqual(Object.keys(values).sort());
    for (const [name, value] of Object.entries(values)) {
      const { items } = await get(`${at}?${name}=${encodeURIComponent(value)}`);
      if (items) expect([operationId, name, items.length]).not.toContain(0);
      if (items && !CLOSED.includes(name)) expect((await get(`${at}?${name}=${ID}`)).items).toEqual([]);
    }
    if (!names.includes('limit')) return;
    const first = await get(`${at}?limit=1`);
    if (first.nextCursor !== undefined) await get(`${at}?limit=1&cursor=${encodeURIComponent(first.nextCursor)}`);
    for (const time of ['yesterday', '2026-02-30 00:00:00+00', '2026-01-01 00:00:00+00'])
      for (const id of [ID, 'x']) {
        const cursor = Buffer.from(JSON.stringify([time, id])).toString('base64url');
        const { status, body } = await ask(`${at}?cursor=${cursor}`);
        const isTime = time.endsWith('01 00:00:00+00');
        if (status !== 200 || (BY_TIME.includes(operationId) && !isTime))
          expect([status, body.code]).toEqual([400, 'cursor_invalid']);
      }
  });
});
