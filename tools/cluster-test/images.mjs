// The images of the chart, built by the container engine of this machine and given to each node: nothing is pulled.
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const root = path.join(import.meta.dirname, '..', '..');
const APPS = ['registry', 'audit', 'health', 'gateway', 'relay'];
export const POSTGRES_IMAGE = 'sluice-test-postgres:18';
const PAUSE_IMAGE = 'sluice-test-pause:1';

/** Builds them, each with two tags, so that there is something to upgrade to. @returns an archive of all of them */
export function buildImages(programs) {
  const { version } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
  const nextTag = `${version}-next`;
  const docker = (...args) =>
    execFileSync('docker', args, { cwd: root, stdio: ['ignore', 'ignore', 'inherit'], timeout: 1_200_000 });
  docker('build', '--target', 'setup', '-t', `sluice-setup:${version}`, '.');
  for (const app of APPS) docker('build', '--build-arg', `APP=${app}`, '-t', `sluice-${app}:${version}`, '.');
  const ours = ['setup', ...APPS].map((name) => `sluice-${name}`);
  for (const name of ours) docker('tag', `${name}:${version}`, `${name}:${nextTag}`);
  const folder = mkdtempSync('/var/tmp/sluice-cluster-images-');
  for (const name of ['pause', 'postgres']) mkdirSync(path.join(folder, name));
  copyFileSync(programs.pause, path.join(folder, 'pause', 'pause'));
  writeFileSync(
    path.join(folder, 'pause', 'Dockerfile'),
    'FROM scratch\nCOPY pause /pause\nUSER 65535:65535\nENTRYPOINT ["/pause"]\n',
  );
  docker('build', '-t', PAUSE_IMAGE, path.join(folder, 'pause'));
  // the chart runs PostgreSQL as user 70, as the official image names its own: an image of another origin may not know that user
  const known = 'RUN getent passwd 70 >/dev/null || echo "postgres70:x:70:70::/var/lib/postgresql:/bin/sh" >>/etc/passwd';
  writeFileSync(path.join(folder, 'postgres', 'Dockerfile'), `FROM postgres:18-alpine\n${known}\n`);
  docker('build', '-t', POSTGRES_IMAGE, path.join(folder, 'postgres'));
  const file = path.join(folder, 'images.tar');
  const tagged = ours.flatMap((name) => [`${name}:${version}`, `${name}:${nextTag}`]);
  docker('save', '-o', file, ...tagged, POSTGRES_IMAGE, PAUSE_IMAGE, 'nats:2.14-alpine');
  return { file, folder, nextTag };
}
