import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { sessionFactSubject } from '@sluice/contracts';
import { unwrap } from '@sluice/sdk';
import { startSystem, stopSystem, handleOf, TestSystem, type TestUser, unique } from '@sluice/testing';
import type { Installation } from '@sluice/embedded';
import { until } from '@sluice/process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { handMadeFacts } from '../hand-made-facts.js';
import { joinAsNewRelay } from '../join-bus.js';
import { chromiumProgram, TestBrowser, type TestWindow } from './browser.js';
import { ForgetfulNetwork } from './forgetful-network.js';

// What happens appears by itself: in several windows, and after the connection was lost.

/** What a relay that was taken over says in place of names. */
const SCRIPT = '<img src=x onerror=alert(1)>';

/** How long a machine sleeps, in milliseconds: longer than the page takes for a timer that is late. */
const SLEEPS_MS = 6000;

/** How soon a page is right again, in milliseconds. */
const SOON = 5000;

let installation: Installation;
let system: TestSystem;
let browser: TestBrowser;
let admin: TestUser;

const signedIn = async (from = browser): Promise<TestWindow> => {
  const window = await from.open();
  await window.signIn(admin.email, readFileSync(admin.passwordFile, 'utf8'));
  await window.visit('/roles');
  await window.page.getByRole('status', { name: 'What is shown follows what happens' }).waitFor();
  return window;
};
const addRole = async (): Promise<string> => {
  const name = unique('role');
  await unwrap(system.admin.POST('/api/v1/roles', { body: { name } }));
  return name;
};
const appears = (window: TestWindow, name: string): Promise<void> =>
  window.page.getByRole('link', { name }).waitFor({ timeout: SOON });

describe.skipIf(chromiumProgram === undefined)('a page that is open', () => {
  beforeAll(async () => {
    installation = await startSystem(); // of its own, because its gateway is killed
    system = await TestSystem.use(handleOf(installation));
    browser = await TestBrowser.launch(system.handle.url);
    admin = await system.addUser('administrator');
  });

  afterAll(async () => {
    await browser.close();
    await admin.leave();
    await stopSystem(installation);
  });

  it('shows a change that was made elsewhere, in every window, without a reload', async () => {
    const windows = [await signedIn(), await signedIn()];
    const name = await addRole();
    await Promise.all(windows.map((window) => appears(window, name)));
    for (const window of windows) await window.close();
  });

  it('shows refused attempts that a relay has put into one record', async () => {
    const window = await signedIn();
    await window.visit('/queries');
    await window.page.getByRole('status', { name: 'What is shown follows what happens' }).waitFor();
    const relay = await joinAsNewRelay(installation.options.home);
    const { refusal, envelope } = handMadeFacts(relay.name);
    const fact = refusal(`several attempts that ended for this reason ${SCRIPT}`);
    const data = { ...fact, repeats: 42, rule: SCRIPT, account: { ...fact.account, email: SCRIPT } };
    const resource = { ...data.resource, id: 'several', name: `several ${SCRIPT}` };
    const subject = sessionFactSubject('refused', 'default', relay.name, resource.id);
    relay.connection.publish(subject, envelope(randomUUID(), 1, { ...data, resource }));
    await window.page.getByRole('table', { name: 'Session log' }).getByRole('row').filter({ hasText: 'several' }).waitFor();
    await window.page
      .getByRole('table', { name: 'Session log' })
      .getByRole('row')
      .filter({ hasText: 'several' })
      .getByRole('link')
      .click();
    await window.page.getByRole('heading', { name: `${SCRIPT} to several ${SCRIPT}`, level: 1 }).waitFor(); // all of it is text
    expect(await window.page.locator('img[onerror]').count()).toBe(0);
    await window.visit('/overview');
    await window.page.getByRole('cell', { name: '42', exact: true }).first().waitFor({ timeout: 45_000 }); // figures of the day are half a minute old at most
    expect([await window.page.locator('img[onerror]').count(), window.errors]).toEqual([0, []]);
    await relay.connection.close();
    await window.close();
  });

  it('is right again within seconds of the network', async () => {
    const window = await signedIn();
    await window.context.setOffline(true);
    await window.page.getByRole('status', { name: /out of date since/ }).waitFor();
    const name = await addRole();
    await window.context.setOffline(false);
    await appears(window, name);
    await window.close();
  });

  it('is right again within seconds after its machine slept, and the network has forgotten its connection', async () => {
    const network = await ForgetfulNetwork.before(Number(new URL(system.handle.url).port));
    const laptop = await TestBrowser.launch(network.url);
    const window = await signedIn(laptop);
    const wake = await laptop.sleep();
    network.forget();
    const name = await addRole();
    await sleep(SLEEPS_MS);
    wake();
    await appears(window, name);
    await laptop.close();
    network.close();
  });

  it('is right again within seconds after the gateway was killed', async () => {
    const window = await signedIn();
    installation.service('gateway').kill('SIGKILL'); // it is started again
    await window.page.getByRole('status', { name: /out of date since/ }).waitFor();
    let name = '';
    await until(async () => (name = await addRole().catch(() => '')) !== '', AbortSignal.timeout(60_000), 100);
    await appears(window, name);
    expect(await window.page.getByRole('status', { name: 'What is shown follows what happens' }).count()).toBe(1);
    await window.close();
  });
});
