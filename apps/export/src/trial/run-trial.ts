import { setTimeout as sleep } from 'node:timers/promises';
import { Bus } from '@sluice/messaging';
import { errorMessage } from '@sluice/process';
import type { ExportConfig } from '../config.js';
import { makeDestination } from '../make-destination.js';
import { ReaderEvents } from '../reader/reader-events.js';
import { testEvent } from './test-event.js';

/** Time limit of the look at the reader, in milliseconds. */
const READER_WITHIN_MS = 10_000;

/**
 * Tries what is configured: sends one event that is marked as a test to the destination, and looks whether the reader's events could
 * be received, without receiving any. @throws Error if either does not work, after both were tried
 */
export async function runTrial(config: ExportConfig, say: (line: string) => void): Promise<void> {
  const failures = [await failureOf(sendTestEvent(config, say)), await failureOf(lookAtReader(config, say))];
  const said = failures.filter((failure) => failure !== undefined);
  if (said.length > 0) throw new Error(said.join('\n'));
}

async function sendTestEvent(config: ExportConfig, say: (line: string) => void): Promise<void> {
  const destination = await makeDestination(config);
  try {
    const event = testEvent(new Date(), config.stream);
    const [refused] = await destination.send([event], AbortSignal.timeout(config.timeoutMs)).catch((error: unknown) => {
      throw new Error(`${destination.name} did not take the test event: ${errorMessage(error)}`, { cause: error });
    });
    if (refused !== undefined) throw new Error(`${destination.name} refused the test event: ${refused.reason}`);
    say(`${destination.name} has taken the test event ${event.id}`);
  } finally {
    await destination.close();
  }
}

async function lookAtReader(config: ExportConfig, say: (line: string) => void): Promise<void> {
  const { natsServers: servers, credentials, busCa: ca, stream } = config;
  const { jwt, seed, publicKey } = credentials;
  const late = sleep(READER_WITHIN_MS, undefined, { ref: false }).then(() => {
    throw new Error(`NATS at ${servers.join(', ')} did not accept the reader's credentials within ${READER_WITHIN_MS / 1000} s`);
  });
  const bus = await Promise.race([Bus.connect({ servers, user: publicKey, jwt, seed, ca }), late]);
  late.catch(() => undefined);
  const events = new ReaderEvents(bus, stream, publicKey, { maxEvents: 1, maxBytes: 1, collectMs: 0 });
  try {
    say(`the reader has ${await events.lag()} events that are not acknowledged yet`);
  } catch (error) {
    throw new Error(`the reader's consumer in the stream ${stream} does not respond: ${errorMessage(error)}`, { cause: error });
  } finally {
    events.stop();
    await bus.close();
  }
}

const failureOf = (work: Promise<void>): Promise<string | undefined> => work.then(() => undefined, errorMessage);
