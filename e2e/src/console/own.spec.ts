import { readFileSync } from 'node:fs';
import { createSluiceClient, unwrap } from '@sluice/sdk';
import type { TestSystem } from '@sluice/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { echo, Resource } from '../resource.js';
import { sharedSystem } from '../system.js';
import { chromiumProgram, TestBrowser } from './browser.js';
import { finishedSession } from './finished-session.js';

// What somebody without any rights does in the console: with their own access, logins and password.

let system: TestSystem;
let browser: TestBrowser;
let resource: Resource;

describe.skipIf(chromiumProgram === undefined)('a user', () => {
  beforeAll(async () => {
    system = await sharedSystem();
    browser = await TestBrowser.launch(system.handle.url);
    resource = await Resource.serve(echo);
  });
  afterAll(async () => {
    await browser.close();
    resource.close();
  });

  it('opens the sign-in page without a request that is refused, also after signing out', async () => {
    const user = await system.addUser();
    const window = await browser.open();
    const refused: string[] = [];
    window.page.on('response', (response) => response.status() >= 400 && refused.push(response.url()));
    await window.page.goto('/servers');
    await window.page.getByRole('button', { name: 'Sign in' }).waitFor();
    await window.signIn(user.email, readFileSync(user.passwordFile, 'utf8'));
    await window.page.getByRole('button', { name: `Account of ${user.email}` }).click();
    await window.page.getByRole('menuitem', { name: 'Sign out' }).click();
    await window.page.getByRole('button', { name: 'Sign in' }).waitFor();
    await window.page.reload();
    await window.page.getByRole('button', { name: 'Sign in' }).waitFor();
    expect(refused).toEqual([]);
    await window.close();
    await user.leave();
  });

  it('is still signed in when they follow a link of another site, with which the browser sends no cookie', async () => {
    const user = await system.addUser();
    const window = await browser.open();
    await window.signIn(user.email, readFileSync(user.passwordFile, 'utf8'));
    const link = `<a href="${system.handle.url}/my-access">to the console</a>`;
    await window.page.route('http://another.test/', (route) => route.fulfill({ contentType: 'text/html', body: link }));
    await window.page.goto('http://another.test/');
    await window.page.getByRole('link').click();
    await window.page.getByRole('heading', { name: 'My access', level: 1 }).waitFor();
    await window.close();
    await user.leave();
  });

  it('sees what they may reach with the commands for it, their sessions, and ends another login', async () => {
    const user = await system.addUser();
    const server = await finishedSession(system, user, resource.port);
    const password = readFileSync(user.passwordFile, 'utf8');
    const body = { email: user.email, password };
    const { token = '' } = await unwrap(createSluiceClient({ server: system.handle.url }).POST('/api/v1/logins', { body }));
    const other = createSluiceClient({ server: system.handle.url, token });

    const window = await browser.open();
    await window.signIn(user.email, password);
    const { page } = window;
    const reached = page
      .getByRole('table', { name: 'Servers that I may reach' })
      .getByRole('row')
      .filter({ hasText: server.name });
    await reached.getByText(`${server.bindAddress}:${server.portOverride}`).waitFor();
    await reached.getByText(`sluice connect ${server.name}`).waitFor();
    await reached.getByText('healthy').waitFor();
    await page.getByRole('table', { name: 'My sessions' }).getByRole('cell', { name: 'completed: client closed' }).waitFor();
    await page.getByRole('table', { name: 'My sessions' }).getByRole('link').first().click();
    const { gateways } = await unwrap(other.GET('/api/v1/me', {}));
    const gateway = page.getByRole('row').filter({ hasText: 'Gateway' });
    await gateway.getByText(gateways[0]?.address ?? '', { exact: true }).waitFor(); // they may not read the nodes, which have names
    await page.goBack();
    const logins = page.getByRole('table', { name: 'My logins' });
    const before = await logins.getByRole('row').count();
    await logins.getByRole('button', { name: 'End' }).first().click(); // the newest besides this one: that of the API
    await page.getByRole('dialog').getByRole('button', { name: 'End login' }).click();
    await expect.poll(() => logins.getByRole('row').count()).toBe(before - 1);
    expect((await other.GET('/api/v1/me', {})).response.status).toBe(401);
    expect(window.errors).toEqual([]);
    await window.close();
    await user.leave();
  });

  it('changes their password, told what is wrong with it, and signs in with the new one', async () => {
    const user = await system.addUser();
    const old = readFileSync(user.passwordFile, 'utf8');
    const next = 'another staple for the battery';
    const window = await browser.open();
    await window.signIn(user.email, old);
    await window.visit('/my-access');
    const { page } = window;
    const fill = async (present: string, wanted: string, again = wanted) => {
      await page.getByLabel('Present password', { exact: true }).fill(present);
      await page.getByLabel('New password', { exact: true }).fill(wanted);
      await page.getByLabel('New password, again', { exact: true }).fill(again);
      await page.getByRole('button', { name: 'Change password' }).click();
    };
    await fill(old, 'too short');
    await page.getByText('A password has 12 to 128 characters').waitFor();
    await fill(old, next, `${next}!`);
    await page.getByText('This is not the same password').waitFor();
    await fill(old, 'passwordpassword'); // the server's own rule
    await page
      .getByText(/easy to guess|common/)
      .last()
      .waitFor();
    await fill('not my password', next);
    await page.getByText('the old password is wrong').waitFor();
    await fill(old, next);
    await page.getByText('Your password was changed; your other logins have ended').waitFor();
    expect(await page.getByLabel('Present password', { exact: true }).inputValue()).toBe('');
    expect(window.errors).toEqual([]);
    await window.close();

    const again = await browser.open();
    await again.page.goto('/sign-in');
    await again.page.getByLabel('E-mail').fill(user.email);
    await again.page.getByLabel('Password', { exact: true }).fill(old);
    await again.page.getByRole('button', { name: 'Sign in' }).click();
    await again.page.getByRole('alert').waitFor();
    await again.signIn(user.email, next);
    await again.page.getByRole('heading', { name: 'My access', level: 1 }).waitFor();
    await again.close();
  });
});
