import { readFileSync } from 'node:fs';
import path from 'node:path';
import { type Installation, startNats } from '@sluice/embedded';

/** Lines of the server's configuration before what it trusts (`natsConfig`). */
const OWN_LINES = 3;

/** Starts the NATS server of an installation after it was stopped, with the accounts and the certificate that it had. */
export async function startNatsAgain(installation: Installation): Promise<void> {
  const folder = path.join(installation.options.home, 'nats');
  const trust = readFileSync(path.join(folder, 'nats.conf'), 'utf8').split('\n').slice(OWN_LINES).join('\n');
  installation.nats = await startNats(folder, trust);
}
