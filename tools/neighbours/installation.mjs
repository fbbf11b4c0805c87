// The installation under test: one home, whose processes are of one release or another.
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { cleanEnvironment } from './previous.mjs';

const START_WITHIN_MS = 180_000;

/** Starts a command of a checkout that runs until it is stopped, and waits for a line of its output. @returns what stops it */
async function startCommand(checkout, args, env, ready) {
  const child = spawn(process.execPath, args, {
    cwd: checkout,
    env: { ...cleanEnvironment(), ...env },
    stdio: ['ignore', 'pipe', 2],
  });
  let output = '';
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const stop = async () => {
    child.kill('SIGTERM');
    await ended;
  };
  const started = new Promise((resolve, reject) => {
    child.stdout.setEncoding('utf8').on('data', (text) => {
      output += text;
      if (output.includes(ready)) resolve();
    });
    void ended.then((status) => reject(new Error(`${args.join(' ')} ended with ${status}: ${output}`)));
    setTimeout(() => reject(new Error(`${args.join(' ')} was not ready in time: ${output}`)), START_WITHIN_MS).unref();
  });
  started.catch(() => child.kill('SIGTERM'));
  await started;
  return { stop };
}

/** `npm start` of a checkout. */
export const startWhole = (checkout, { home, http, tunnel }) =>
  startCommand(
    checkout,
    ['tools/start.mjs'],
    { SLUICE_HOME: home, SLUICE_HTTP_PORT: String(http), SLUICE_TUNNEL_PORT: String(tunnel) },
    'Sluice is ready',
  );

/** `npm run relay` of a checkout, which enrols with a token. */
export const startRelay = (checkout, { home }, name, token) =>
  startCommand(
    checkout,
    ['tools/relay.mjs', '--name', name],
    { SLUICE_HOME: home, SLUICE_ENROLMENT_TOKEN: token, SLUICE_DRAIN_SECONDS: '1' },
    'is running',
  );

/**
 * An installation whose apps are of different checkouts. It is started by the code of this one.
 * @param apps the checkout of each app
 */
export async function startMixed(apps, { home, http, tunnel, place }) {
  const { Installation } = await import('@sluice/embedded');
  const { nodeRuntime } = await import('@sluice/process');
  const root = path.join(place, 'mixed');
  rmSync(root, { recursive: true, force: true });
  mkdirSync(path.join(root, 'apps'), { recursive: true });
  for (const [app, checkout] of Object.entries(apps)) symlinkSync(path.join(checkout, 'apps', app), path.join(root, 'apps', app));
  const installation = await Installation.start({
    root,
    home,
    httpPort: http,
    tunnelPort: tunnel,
    restart: false,
    runtime: nodeRuntime(undefined),
    say: (line) => process.stderr.write(`${line}\n`),
  });
  return {
    stop: () => installation.stop(),
    /** Kills the relay, which cannot record the ends of its sessions then. */
    killRelay: () => installation.service('relay').kill('SIGKILL'),
  };
}

/** The password of the first administrator. */
export const passwordFile = (home) => path.join(home, 'admin-password');
export const readPassword = (home) => readFileSync(passwordFile(home), 'utf8').trim();
