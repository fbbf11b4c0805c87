import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { unwrap } from '@sluice/sdk';
import { type TestSystem, type TestUser, unique } from '@sluice/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { echo, Resource } from '../resource.js';
import { sharedSystem } from '../system.js';
import { chromiumProgram, TestBrowser, type TestWindow } from './browser.js';

// What an administrator does with nodes, clusters, users and settings, step by step, through the whole system.

const SCRIPT = '<script>alert(1)</script><img src=x onerror=alert(1)>';

/** Cancels a dialog and clicks the button that confirms, which is there while the dialog fades, and does nothing. */
const CANCEL_AND_CONFIRM = `(async () => {
  const [cancel, confirm] = [...document.querySelectorAll('[role=dialog] button')].slice(-2);
  cancel.click();
  await new Promise(requestAnimationFrame);
  if (!confirm.isConnected) throw new Error('the dialog did not fade');
  confirm.click();
})()`;

let system: TestSystem;
let browser: TestBrowser;
let admin: TestUser;
let window: TestWindow;
let resource: Resource;

describe.skipIf(chromiumProgram === undefined)('an administrator', () => {
  beforeAll(async () => {
    system = await sharedSystem();
    browser = await TestBrowser.launch(system.handle.url);
    resource = await Resource.serve(echo);
    admin = await system.addUser('administrator');
    window = await browser.open();
    await window.signIn(admin.email, readFileSync(admin.passwordFile, 'utf8'));
  });
  afterAll(async () => {
    expect(window.errors).toEqual([]);
    await browser.close();
    await admin.leave();
    resource.close();
  });

  it('makes the token of a relay, shown once with its commands, and sees the nodes that there are', async () => {
    const name = unique('relay');
    const { page } = window;
    await window.visit('/nodes');
    const nodes = page.getByRole('table', { name: 'Nodes' });
    await nodes.getByRole('row').filter({ hasText: 'gateway' }).first().getByText('online').waitFor();
    await page.getByRole('button', { name: 'Add relay' }).click();
    await page.getByRole('dialog').getByLabel('Name').fill(name);
    await page.getByRole('dialog').getByRole('button', { name: 'Create token' }).click();
    const shown = page.getByRole('dialog', { name: `Token for the relay ${name}` });
    for (const command of [/^SLUICE_ENROLMENT_TOKEN=sluice-node-\S+ npm run relay$/, /^docker run /, /^kubectl run /])
      await shown.getByText(command).waitFor();
    await page.keyboard.press('Escape'); // a stray key does not lose it
    await shown.getByRole('button', { name: 'I have copied it' }).click();
    await shown.waitFor({ state: 'detached' });
  });

  it('adds a proxy cluster with a key, is told by name what keeps it from being deleted, and deletes it', async () => {
    const name = unique('cluster');
    const { page } = window;
    await window.visit('/clusters');
    await page.getByRole('button', { name: 'Add cluster' }).click();
    await page.getByRole('dialog').getByLabel('Name').fill(name);
    await page.getByRole('dialog').getByRole('button', { name: 'Add cluster' }).click();
    await page.getByRole('heading', { name, level: 1 }).waitFor();
    await page.getByRole('button', { name: 'Create key' }).click();
    const shown = page.getByRole('dialog', { name: `Key of ${name}` });
    await shown.getByText(/npm run relay$/).waitFor();
    await shown.getByRole('button', { name: 'I have copied it' }).click();
    const keys = page.getByRole('table', { name: `Keys of ${name}` });
    await keys.getByText('never').waitFor();
    await keys.getByRole('button', { name: 'Revoke' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
    await keys.getByText('revoked').waitFor();

    const server = await system.addServer(1, { proxyCluster: name });
    const remove = page.getByRole('button', { name: 'Delete', exact: true });
    await remove.click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete cluster' }).click();
    await page.getByRole('dialog').getByRole('alert').getByText(server.name).waitFor();
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
    const params = { path: { id: server.id }, query: { version: server.version } };
    await unwrap(system.admin.DELETE('/api/v1/servers/{id}', { params }));
    await remove.click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete cluster' }).click();
    await page.getByRole('heading', { name: 'Proxy clusters', level: 1 }).waitFor();
    await page.getByRole('link', { name }).waitFor({ state: 'detached' });
  });

  it('adds a user whose password is shown once', async () => {
    const email = `${unique('new')}@example.test`;
    const { page } = window;
    await window.visit('/users');
    await page.getByRole('button', { name: 'Add user' }).click();
    await page.getByRole('dialog').getByLabel('E-mail').fill(email);
    await page.getByRole('dialog').getByRole('button', { name: 'Add user' }).click();
    const shown = page.getByRole('dialog', { name: `Password of ${email}` });
    await shown.getByText(`sluice login --server ${system.handle.url} --email ${email}`).waitFor();
    const password = (await shown.locator('.copyable').first().innerText()).trim();
    await shown.getByRole('button', { name: 'I have copied it' }).click();
    const theirs = await browser.open();
    await theirs.signIn(email, password);
    await theirs.page.getByText('You may not reach any server yet').waitFor();
    await theirs.close();
  });

  it('is told how many live sessions end with a server, before it is deleted, and ends all of a user', async () => {
    const user = await system.addUser();
    const server = await system.addServer(resource.port);
    await system.grant([user], [server]);
    const port = await user.connect(server.name);
    const clients = Array.from({ length: 2 }, () => connect(port, '127.0.0.1').on('error', () => undefined)); // they are reset
    for (const client of clients) client.write('x');
    await Promise.all(clients.map((client) => once(client, 'data')));
    const closed = Promise.all(clients.map((client) => new Promise((resolve) => client.once('close', resolve))));
    const { page } = window;
    const dialog = page.getByRole('dialog');
    const cancel = async () => {
      await page.evaluate(CANCEL_AND_CONFIRM);
      await dialog.waitFor({ state: 'detached' });
    };
    await window.visit(`/servers?search=${server.name}`);
    const row = page.getByRole('table', { name: 'Servers' }).getByRole('row').filter({ hasText: server.name });
    await row.getByRole('link', { name: '2', exact: true }).waitFor(); // its live sessions
    await row.getByRole('checkbox').check();
    await page.getByRole('button', { name: 'Delete 1 server' }).click();
    await dialog.getByText('Their live sessions end at once (2 now)').waitFor();
    await cancel();
    await row.getByRole('link', { name: server.name }).click();
    await page.getByRole('button', { name: 'Delete', exact: true }).click();
    await dialog.getByText('Its live sessions end at once (2 now)').waitFor();
    await cancel();

    await window.visit(`/users/${user.id}`);
    await page.getByRole('button', { name: 'Take away' }).click();
    await dialog.getByText('Of their live sessions that this role allowed (2 now)').waitFor();
    await cancel();
    await page.getByRole('button', { name: 'End all' }).click();
    await dialog.getByRole('button', { name: 'End 2 sessions' }).click();
    await closed;
    await page.getByText('Not connected to anything now').waitFor();
    await user.leave();
  });

  it('shows scripts in tags and in the address as text, and can give nothing a name that has one', async () => {
    const server = await system.addServer(resource.port, { tags: { note: SCRIPT } });
    const { page } = window;
    const reflected = encodeURIComponent(SCRIPT);
    for (const [address, text] of [
      [`/servers/${server.id}`, `note=${SCRIPT}`],
      [`/servers/${server.id}?tab=activity`, SCRIPT],
      [`/activity?object=${server.id}`, SCRIPT],
      [`/servers?search=${reflected}`, 'note=<script>alert(1)</script>'],
      [`/queries?endReason=${reflected}`, 'endReason'],
      [`/activity?since=${reflected}`, 'since'],
      [`/servers/${reflected}`, 'not'],
      [`/queries/${reflected}`, 'not'],
    ] as const) {
      await window.visit(address);
      await page.locator('main').getByText(text).first().waitFor();
      expect([address, await page.locator('img[onerror], main script').count()]).toEqual([address, 0]);
    }
    await window.visit(`/queries?resource=${reflected}`);
    expect(await page.getByLabel('Server').inputValue()).toBe(SCRIPT);
    const { admin: api } = system;
    const email = `${SCRIPT}@example.test`;
    const statuses = await Promise.all([
      api.POST('/api/v1/users', { body: { email, apiRole: 'user' } }),
      api.POST('/api/v1/roles', { body: { name: SCRIPT } }),
      api.POST('/api/v1/clusters', { body: { name: SCRIPT } }),
      api.POST('/api/v1/nodes/tokens', { body: { name: SCRIPT } }),
      api.POST('/api/v1/servers', { body: { name: SCRIPT, type: 'tcp', hostname: '127.0.0.1', port: 1 } }),
    ]);
    expect(statuses.map(({ response }) => response.status)).toEqual([422, 422, 422, 422, 422]);
  });

  it('changes a setting, and sees what another administrator changed meanwhile', async () => {
    const { page } = window;
    const read = () => unwrap(system.admin.GET('/api/v1/settings', {}));
    const before = await read();
    const field = page.getByLabel('New connections a second');
    await window.visit('/settings');
    await field.fill('-1');
    await field.blur();
    await page.getByText('"New connections a second" is a whole number from').waitFor();
    await field.fill('4321');
    await unwrap(system.admin.PATCH('/api/v1/settings', { body: { version: before.version, preamblesPerAddress: 1234 } }));
    await page.getByText('Somebody else changed the settings meanwhile').waitFor(); // without a reload
    const differences = page.getByRole('table', { name: 'Differences' });
    for (const value of [String(before.preamblesPerAddress), '1234', '4321'])
      await differences.getByRole('cell', { name: value, exact: true }).waitFor();
    await page.getByRole('button', { name: 'Keep mine, to save over theirs' }).click();
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('The settings were saved').waitFor();
    const { version, preamblesPerAddress } = await read();
    expect(preamblesPerAddress).toBe(4321);
    await unwrap(system.admin.PATCH('/api/v1/settings', { body: { version, preamblesPerAddress: before.preamblesPerAddress } }));
    await page.locator(`input[value="${before.preamblesPerAddress}"]`).first().waitFor(); // an untouched form follows
  });
});
