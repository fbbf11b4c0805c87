// What people would use in place of Sluice, each brought up between two local ports. A way is
// { name, bulk, echo, processes: {label: pid}, stop }: ports to connect to, and whose CPU is counted.
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from '@sluice/embedded';
import { has, listening, start, stop } from './processes.mjs';

const here = path.dirname(fileURLToPath(import.meta.url));

/** Nothing between client and service. */
export const straight = async (targets) => ({ name: 'no proxy', ...targets, processes: {}, stop: async () => undefined });

/** Two processes of Node that pipe, without TLS. */
export async function nodePipe(targets) {
  const [bulk, echo, midBulk, midEcho] = await Promise.all([1, 2, 3, 4].map(freePort));
  const inner = start(process.execPath, [
    path.join(here, 'pipe.mjs'),
    `${midBulk}:${targets.bulk}`,
    `${midEcho}:${targets.echo}`,
  ]);
  const outer = start(process.execPath, [path.join(here, 'pipe.mjs'), `${bulk}:${midBulk}`, `${echo}:${midEcho}`]);
  await Promise.all([bulk, echo, midBulk, midEcho].slice(0, 2).map(listening));
  return way('Node pipe, no TLS', bulk, echo, { near: outer, far: inner });
}

/** A pair of HAProxy with mutual TLS 1.3 between them, one thread each. */
export async function haproxyPair(targets, folder) {
  if (!has('haproxy')) return undefined;
  const pem = certificate(folder);
  const [bulk, echo, midBulk, midEcho] = await Promise.all([1, 2, 3, 4].map(freePort));
  const common =
    'global\n  nbthread 1\n  maxconn 9600\ndefaults\n  mode tcp\n  timeout connect 5s\n  timeout client 1h\n  timeout server 1h\n';
  const near = (name, listen, to) =>
    `listen ${name}\n  bind 127.0.0.1:${listen}\n  server s 127.0.0.1:${to} ssl verify required ca-file ${pem} crt ${pem} force-tlsv13\n`;
  const far = (name, listen, to) =>
    `listen ${name}\n  bind 127.0.0.1:${listen} ssl crt ${pem} verify required ca-file ${pem} force-tlsv13\n  server s 127.0.0.1:${to}\n`;
  const files = { near: path.join(folder, 'near.cfg'), far: path.join(folder, 'far.cfg') };
  writeFileSync(files.near, common + near('bulk', bulk, midBulk) + near('echo', echo, midEcho));
  writeFileSync(files.far, common + far('bulk', midBulk, targets.bulk) + far('echo', midEcho, targets.echo));
  const children = { near: start('haproxy', ['-db', '-f', files.near]), far: start('haproxy', ['-db', '-f', files.far]) };
  await Promise.all([bulk, echo].map(listening));
  return way('HAProxy pair', bulk, echo, children);
}

/** A pair of stunnel with TLS 1.3 between them. */
export async function stunnelPair(targets, folder) {
  const program = ['stunnel4', 'stunnel'].find(has);
  if (!program) return undefined;
  const pem = certificate(folder);
  const [bulk, echo, midBulk, midEcho] = await Promise.all([1, 2, 3, 4].map(freePort));
  const common = `foreground = yes\npid =\ncert = ${pem}\nCAfile = ${pem}\nverifyPeer = yes\nsslVersion = TLSv1.3\ndebug = 3\nsocket = l:TCP_NODELAY=1\nsocket = r:TCP_NODELAY=1\n`;
  const service = (name, listen, to) => `[${name}]\naccept = 127.0.0.1:${listen}\nconnect = 127.0.0.1:${to}\n`;
  const files = { near: path.join(folder, 'stunnel-near.conf'), far: path.join(folder, 'stunnel-far.conf') };
  writeFileSync(files.near, `${common}client = yes\n${service('bulk', bulk, midBulk)}${service('echo', echo, midEcho)}`);
  writeFileSync(files.far, `${common}${service('bulk', midBulk, targets.bulk)}${service('echo', midEcho, targets.echo)}`);
  const children = { near: start(program, [files.near]), far: start(program, [files.far]) };
  await Promise.all([bulk, echo].map(listening));
  return way('stunnel pair', bulk, echo, children);
}

/** `ssh -L` to an sshd of the bench's own. */
export async function sshForward(targets, folder) {
  if (!has('ssh') || !has('/usr/sbin/sshd')) return undefined;
  const keys = path.join(folder, 'ssh');
  mkdirSync(keys, { recursive: true, mode: 0o700 });
  mkdirSync('/run/sshd', { recursive: true });
  for (const name of ['host', 'user']) execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', path.join(keys, name)]);
  const [bulk, echo, port] = await Promise.all([1, 2, 3].map(freePort));
  const config = path.join(keys, 'sshd_config');
  writeFileSync(
    config,
    `Port ${port}\nListenAddress 127.0.0.1\nHostKey ${keys}/host\nAuthorizedKeysFile ${keys}/user.pub\nStrictModes no\nPermitRootLogin prohibit-password\nUsePAM no\nMaxSessions 20000\nPidFile none\n`,
  );
  const far = start('/usr/sbin/sshd', ['-D', '-e', '-f', config]);
  await listening(port);
  const options = ['StrictHostKeyChecking=no', `UserKnownHostsFile=${keys}/known`, 'ExitOnForwardFailure=yes', 'BatchMode=yes'];
  const near = start('ssh', [
    ...['-N', '-i', `${keys}/user`, '-p', String(port), ...options.flatMap((option) => ['-o', option])],
    ...['-L', `127.0.0.1:${bulk}:127.0.0.1:${targets.bulk}`, '-L', `127.0.0.1:${echo}:127.0.0.1:${targets.echo}`, '127.0.0.1'],
  ]);
  await Promise.all([bulk, echo].map(listening));
  return way('ssh -L', bulk, echo, { near, far });
}

/** What Sluice's data plane would cost in native code (bench/prototype): agent and relay, or all three. */
export async function native(targets, folder, { direct }) {
  const program = path.join(folder, 'tunnel');
  const sources = ['main.c', 'link.c', 'journal.c', 'gateway.c'].map((name) => path.join(here, 'prototype', name));
  try {
    execFileSync('cc', ['-O2', '-o', program, ...sources, '-lssl', '-lcrypto'], { stdio: ['ignore', 'ignore', 'inherit'] });
  } catch {
    return undefined; // no compiler, or no headers of OpenSSL (Debian: apt-get install libssl-dev)
  }
  const pem = certificate(folder);
  const [bulk, echo, link, carried] = await Promise.all([1, 2, 3, 4].map(freePort));
  const relay = start(program, ['relay', link, pem, path.join(folder, 'journal')].map(String));
  await listening(link);
  const gateway = direct ? undefined : start(program, ['gateway', carried, link].map(String));
  if (gateway) await listening(carried);
  const served = [`${bulk}:${targets.bulk}`, `${echo}:${targets.echo}`];
  const agent = start(program, ['agent', String(direct ? link : carried), pem, ...served]);
  await Promise.all([bulk, echo].map(listening));
  return way(`Native, ${direct ? 'direct' : 'gateway'}`, bulk, echo, { agent, ...(gateway && { gateway }), relay });
}

function way(name, bulk, echo, children) {
  const processes = Object.fromEntries(Object.entries(children).map(([label, child]) => [label, child.pid]));
  return { name, bulk, echo, processes, stop: () => Promise.all(Object.values(children).map(stop)) };
}

/** One self-signed certificate that both ends trust, as a PEM with its key. */
function certificate(folder) {
  const pem = path.join(folder, 'peer.pem');
  const [key, cert] = ['peer.key', 'peer.crt'].map((name) => path.join(folder, name));
  const subject = ['-subj', '/CN=bench', '-days', '2', '-keyout', key, '-out', cert];
  execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', ...subject], {
    stdio: 'ignore',
  });
  execFileSync('sh', ['-c', `cat ${cert} ${key} > ${pem}`]);
  return pem;
}
