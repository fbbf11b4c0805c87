import { connect } from 'node:net';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '@sluice/embedded';
import { unwrap } from '@sluice/sdk';
import { type TestSystem, type TestUser, unique } from '@sluice/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { databaseOwner } from '../database-owner.js';
import { echo, Resource } from '../resource.js';
import { sharedSystem } from '../system.js';
import { TlsService } from '../tls-service.js';
import { chromiumProgram, TestBrowser, type TestWindow } from './browser.js';
import { finishedSession } from './finished-session.js';

// What people do in the console, step by step, through the whole system.

/** Sixty alternative names of a certificate. */
const manyNames = Array.from({ length: 60 }, (_, n) => `DNS:host-${n}.example.test`).join(',');

let system: TestSystem;
let browser: TestBrowser;
let resource: Resource;
let admin: TestUser;
let window: TestWindow;
const password = (user: TestUser): string => readFileSync(user.passwordFile, 'utf8');
const signedIn = async (user: TestUser): Promise<TestWindow> => {
  const opened = await browser.open();
  await opened.signIn(user.email, password(user));
  return opened;
};

describe.skipIf(chromiumProgram === undefined)('the console', () => {
  beforeAll(async () => {
    system = await sharedSystem();
    browser = await TestBrowser.launch(system.handle.url);
    resource = await Resource.serve(echo);
    admin = await system.addUser('administrator');
    window = await signedIn(admin);
  });

  afterAll(async () => {
    expect(window.errors).toEqual([]);
    await browser.close();
    await admin.leave();
    resource.close();
  });

  it('refuses a wrong password, and gives no script the token of a right one', async () => {
    const other = await browser.open();
    await other.page.goto('/servers');
    await other.page.getByLabel('E-mail').fill(admin.email);
    await other.page.getByLabel('Password', { exact: true }).fill('not my password');
    await other.page.getByRole('button', { name: 'Sign in' }).click();
    await other.page.getByRole('alert').waitFor();
    expect(await other.page.getByRole('alert').textContent()).toMatch(/password/i);

    await other.page.getByLabel('Password', { exact: true }).fill(password(admin));
    const [answer] = await Promise.all([
      other.page.waitForResponse((response) => response.url().endsWith('/api/v1/logins')),
      other.page.getByRole('button', { name: 'Sign in' }).click(),
    ]);
    expect(await answer.json()).not.toHaveProperty('token');
    await other.page.getByRole('heading', { name: 'Servers' }).waitFor(); // where they wanted to go
    expect(await other.page.evaluate('document.cookie')).toBe('');
    const cookies = await other.context.cookies();
    expect(cookies.map(({ httpOnly, sameSite }) => ({ httpOnly, sameSite }))).toEqual([{ httpOnly: true, sameSite: 'Strict' }]);
    await other.close();
  });

  it('adds a server, gives access to it, shows a session and ends it', async () => {
    const user = await system.addUser();
    const name = unique('console');
    const role = unique('role');
    const { page } = window;

    await window.visit('/servers');
    await page.getByRole('link', { name: 'Add server' }).click();
    await page.getByLabel('Display name').fill('"quoted"');
    await page.getByLabel('Hostname').fill('tcp://127.0.0.1');
    await page.getByRole('textbox', { name: 'Port', exact: true }).fill('1-3');
    await page.getByRole('button', { name: 'Add server' }).click();
    await page.getByText('a display name may not contain').waitFor();
    await page.getByText('give only the host, without a scheme').waitFor();
    await page.getByText('a list or a range is not possible').waitFor();
    await page.getByLabel('Display name').fill(name);
    await page.getByLabel('Hostname').fill('127.0.0.1');
    await page.getByRole('textbox', { name: 'Port', exact: true }).fill(String(resource.port));
    await page.getByRole('textbox', { name: 'Port override' }).fill(String(await freePort()));
    await page.getByLabel('Resource tags').fill('env=test, note=<img src=x onerror=alert(1)>');
    await page.getByRole('button', { name: 'Add server' }).click();
    await page.getByRole('heading', { name, level: 1 }).waitFor();
    await page.getByRole('img', { name: /^healthy/ }).waitFor();
    expect(await page.locator('img[onerror]').count()).toBe(0);

    await window.visit('/roles');
    await page.getByRole('button', { name: 'Add role' }).click();
    await page.getByRole('dialog').getByLabel('Name').fill(role);
    await page.getByRole('dialog').getByRole('button', { name: 'Add role' }).click();
    await page.getByRole('heading', { name: role, level: 1 }).waitFor();
    for (const [label, choice] of [
      ['Let it reach a server', name],
      ['Give it to a user', user.email],
    ] as const) {
      await page.getByRole('combobox', { name: label }).fill(choice);
      await page.getByRole('option', { name: choice }).click();
      await page.getByRole('link', { name: choice }).waitFor();
    }

    const theirs = await signedIn(user);
    await theirs.page.getByRole('cell', { name, exact: true }).waitFor();
    const port = await user.connect(name);
    const client = connect(port, '127.0.0.1');
    client.write('x'.repeat(1000));
    await once(client, 'data');

    await window.visit(`/queries?account=${encodeURIComponent(user.email)}`);
    const live = page.getByRole('table', { name: 'Live sessions' }).getByRole('row').filter({ hasText: user.email });
    await live.getByText(/^≥ /).first().waitFor(); // what it has carried is from its last checkpoint
    await live.getByRole('button', { name: 'End' }).click();
    await page.getByRole('dialog').getByLabel('Reason').fill('<b>maintenance</b>');
    client.on('error', () => undefined); // a session that an administrator ends is reset
    const gone = new Promise((resolve) => client.once('close', resolve));
    await page.getByRole('dialog').getByRole('button', { name: 'End session' }).click();
    await gone;
    const ended = page.getByRole('table', { name: 'Session log' }).getByRole('row').filter({ hasText: 'operator ended' });
    await ended.waitFor();
    await ended.getByRole('link').first().click();
    await page.getByText(`${admin.email}: <b>maintenance</b>`).first().waitFor();
    await theirs.close();
    await user.leave();
  });

  it('says who may reach a server by which role, what a user may reach, and follows a change', async () => {
    const user = await system.addUser();
    const server = await system.addServer(resource.port);
    const { page } = window;
    await window.visit(`/servers/${server.id}?tab=access`);
    await page.getByText('Nobody may reach this server').waitFor();
    const roleId = await system.grant([user], [server]);
    const { name } = await unwrap(system.admin.GET('/api/v1/roles/{id}', { params: { path: { id: roleId } } }));
    const row = page
      .getByRole('table', { name: `Users who may reach ${server.name}` })
      .getByRole('row')
      .filter({ hasText: name });
    await row.waitFor(); // without a reload
    await page.getByRole('tab', { name: 'Activity' }).click();
    await page.getByRole('button', { name: `granted role ${name}` }).waitFor();
    await page.getByRole('button', { name: `added server ${server.name}` }).waitFor();
    expect(await page.getByRole('table', { name: 'Activities' }).getByRole('row').count()).toBe(3); // with the heading
    await page.getByRole('tab', { name: 'Access' }).click();
    await row.getByRole('link', { name: user.email }).click();
    await page.getByRole('heading', { name: user.email, level: 1 }).waitFor();
    const reached = page.getByRole('table', { name: `Servers that ${user.email} may reach` });
    await reached.getByRole('link', { name: server.name }).waitFor();
    await reached.getByRole('link', { name }).click();
    await page.getByRole('heading', { name, level: 1 }).waitFor();
    await user.leave();
  });

  it('narrows the session log down, in the address of the page, and says when nothing fits', async () => {
    const user = await system.addUser();
    const server = await finishedSession(system, user, resource.port);
    await window.visit('/queries');
    const { page } = window;
    await page.getByLabel('Server').fill(server.name);
    await page.getByLabel('Outcome').selectOption('completed');
    await page.getByRole('button', { name: 'More filters' }).click();
    await page.getByLabel('End reason').selectOption('client closed');
    await page.getByRole('button', { name: 'Filter', exact: true }).click();
    const log = page.getByRole('table', { name: 'Session log' });
    await log.getByRole('row').filter({ hasText: server.name }).waitFor();
    expect(await log.getByRole('row').count()).toBe(2); // with the heading
    expect(Object.fromEntries(new URL(page.url()).searchParams)).toEqual({
      ...{ resource: server.name, outcome: 'completed', endReason: 'client closed' },
    });
    await page.reload();
    await log.getByRole('row').filter({ hasText: server.name }).waitFor();
    await page.getByLabel('Outcome').selectOption('refused');
    await page.getByRole('button', { name: 'Filter', exact: true }).click();
    await page.getByText('No session fits these filters').waitFor();
    await page.getByRole('button', { name: 'Clear' }).click();
    await page.waitForURL('**/queries');
    await window.visit('/queries?outcome=lost');
    await page.getByRole('alert').getByText('outcome').waitFor();
    await page.getByRole('combobox', { name: 'Search', exact: true }).fill('bytes>=1 acount:x');
    await page.getByLabel('Outcome').selectOption('any');
    await page.getByRole('button', { name: 'Filter', exact: true }).click();
    await page.getByRole('alert').getByText('column 10').waitFor(); // once, although two lists have this filter
    await page.getByRole('combobox', { name: 'Search', exact: true }).fill(`bytes>=1 "${server.name}" reason:"client closed"`);
    await page.getByRole('button', { name: 'Filter', exact: true }).click();
    await log.getByRole('row').filter({ hasText: server.name }).waitFor();
    await window.visit(`/queries?resource=${server.id}&state=ended`);
    await log.getByRole('row').filter({ hasText: server.name }).waitFor();
    expect(await page.getByRole('heading', { name: 'Live sessions' }).count()).toBe(0);
    await page.getByLabel('State').selectOption('running');
    await page.getByRole('button', { name: 'More filters' }).click();
    await page.getByLabel('Proxy cluster').selectOption('default');
    await page.getByRole('button', { name: 'Filter', exact: true }).click();
    await page.getByText('No live session fits this filter').waitFor();
    expect(Object.fromEntries(new URL(page.url()).searchParams)).toMatchObject({ state: 'running', proxyCluster: 'default' });
    expect(await log.count()).toBe(0);
    await page.getByLabel('State').selectOption('ended');
    await page.getByRole('button', { name: 'Filter', exact: true }).click();
    await log.getByRole('row').filter({ hasText: server.name }).waitFor();
    const exported = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Export' }).click();
    await page.getByRole('menuitem', { name: 'NDJSON' }).click();
    const lines = readFileSync(await (await exported).path(), 'utf8')
      .trim()
      .split('\n');
    expect(lines.map((line) => (JSON.parse(line) as { resource: { id: string } }).resource.id)).toEqual([server.id]);

    await log.getByRole('link').first().click();
    await page.getByText(/dialled 127\.0\.0\.1:\d+ \(fact \d+\)/).waitFor();
    const facts = page.getByRole('table', { name: 'Facts' });
    await facts.getByRole('cell', { name: 'closed', exact: true }).waitFor();
    await facts.getByRole('button', { name: 'Copy the hash of the fact' }).first().waitFor();

    await window.visit('/activity');
    await page.getByLabel('Object or member').fill(server.name);
    await page.getByLabel('Action').fill('added');
    await page.getByRole('button', { name: 'Filter', exact: true }).click();
    await page.getByRole('button', { name: `added server ${server.name}` }).waitFor();
    expect(await page.getByRole('table', { name: 'Activities' }).getByRole('row').count()).toBe(2);
    await user.leave();
  });

  it('goes back through the session log, and says that only the newest sessions follow what happens', async () => {
    const resource = unique('old');
    const owner = await databaseOwner(system);
    const insert = (from: number, to: number) =>
      owner.query(
        `insert into audit.session (id, state, request_id, attempt, account_id, resource_id, resource_name, relay_id, relay_name, started_at, ended_at, end_reason, outcome)
         select gen_random_uuid(), 'final', gen_random_uuid(), 1, 'ann', $1, $1, 'relay', 'relay', now() - n * interval '1 minute', now(), 'client closed', 'completed'
           from generate_series($2::int, $3::int) n`,
        [resource, from, to],
      );
    await insert(1, 150);
    const { page } = window;
    await window.visit(`/queries?resource=${resource}&state=ended`);
    const log = page.getByRole('table', { name: 'Session log' });
    const readIt = () => log.getAttribute('aria-rowcount');
    await expect.poll(readIt).toBe('101'); // with the heading
    const frozen = page.getByText('The newest 100 sessions follow what happens; the older ones are as they were read.');
    expect(await frozen.count()).toBe(0);
    await page.getByRole('button', { name: 'Show older sessions' }).click();
    await expect.poll(readIt).toBe('151');
    await frozen.waitFor();
    await insert(151, 160);
    await owner.end();
    await page.getByRole('button', { name: 'Read again' }).click();
    await expect.poll(readIt).toBe('161');
  });

  it('finds servers by words, tags and health, with suggestions, in the address of the page', async () => {
    const team = unique('team');
    const server = await system.addServer(resource.port, { tags: { team, env: 'prod' } });
    const other = await system.addServer(resource.port, { tags: { team, env: 'test' } });
    const { page } = window;
    await window.visit('/servers');
    const box = page.getByRole('combobox', { name: 'Search servers' });
    await box.fill(team);
    await page.getByRole('option', { name: `tag:team=${team}` }).click();
    await page.getByRole('link', { name: other.name }).waitFor();
    await box.fill(`tag:team=${team} env=PROD type:tcp`);
    await page.getByRole('link', { name: other.name }).waitFor({ state: 'detached' });
    await page.getByRole('link', { name: server.name }).waitFor();
    await page.waitForURL((url) => url.searchParams.get('search') === `tag:team=${team} env=PROD type:tcp`);
    await page.reload();
    expect(await box.inputValue()).toBe(`tag:team=${team} env=PROD type:tcp`);
    await page.getByRole('link', { name: server.name }).waitFor();
    expect(await page.locator('table[aria-label="Servers"] tbody tr').count()).toBe(1);
    const found = await unwrap(
      system.admin.GET('/api/v1/servers', { params: { query: { search: 'env=PROD', tag: [`team=${team}`], type: 'tcp' } } }),
    );
    expect(found.items.map(({ id }) => id)).toEqual([server.id]);
    await box.fill(`tag:team=${team} health:`);
    await page.getByRole('option', { name: `tag:team=${team} health:unchecked` }).waitFor();
  });

  it('copies an address, and says in words what an icon means, also to the keyboard', async () => {
    const server = await system.addServer(resource.port);
    const { page, context } = window;
    await context.grantPermissions(['clipboard-read', 'clipboard-write']);
    await window.visit(`/servers?search=${server.name}`);
    const row = page.getByRole('table', { name: 'Servers' }).getByRole('row').filter({ hasText: server.name });
    await row.getByRole('button', { name: `Copy the address of ${server.name}` }).click();
    await row.getByRole('button', { name: 'Copied' }).waitFor();
    expect(await page.evaluate('navigator.clipboard.readText()')).toBe(`${server.bindAddress}:${server.portOverride}`);
    await row.getByRole('button', { name: `Copy the address of ${server.name}` }).waitFor(); // again, after a while
    const tip = page.getByRole('tooltip');
    await row.getByRole('img').hover();
    await tip.getByText(/checked it yet|can reach it|has not finished/).waitFor();
    await page.keyboard.press('Escape');
    await tip.waitFor({ state: 'hidden' });
    await row.getByRole('checkbox').focus();
    await page.keyboard.press('Tab');
    await tip.getByText(/checked it yet|can reach it|has not finished/).waitFor();
    expect(await window.violations()).toEqual([]);
    await row.getByRole('link', { name: server.name }).click({ modifiers: ['Control'] }); // another tab, as the browser does it
    expect(page.url()).toContain('/servers?search=');
    await row.getByRole('link', { name: server.name }).click();
    await page.getByRole('heading', { name: server.name, level: 1 }).waitFor();
  });

  it('shows the certificate of a service, and which names it fits', async () => {
    const service = await TlsService.serve('/CN=<img src=x onerror=alert(1)>', `DNS:localhost,${manyNames}`);
    const server = await system.addServer(service.port, { hostname: 'localhost', settings: { checkBudgetSeconds: 1 } });
    for (const [theme, width] of [
      ['light', 1440],
      ['dark', 400],
    ] as const) {
      const narrow = await browser.open({ theme, width });
      await narrow.signIn(admin.email, password(admin));
      await narrow.visit(`/servers/${server.id}`);
      const subject = narrow.page.getByText(/CN=.*onerror=alert/).first();
      await expect
        .poll(
          async () => {
            await narrow.page.getByRole('button', { name: 'Check TLS' }).click();
            await narrow.page
              .getByRole('status')
              .filter({ hasText: /TLSv1.3|moments ago/ })
              .first()
              .waitFor();
            return subject.isVisible();
          },
          { timeout: 20_000 },
        )
        .toBe(true);
      await narrow.page.getByText('clients configured to expect localhost').waitFor();
      await narrow.page.getByText('and 41 more').waitFor();
      await narrow.picture('servers-server-tls');
      expect([await narrow.violations(), await narrow.overflow(), narrow.errors]).toEqual([[], 0, []]);
      await narrow.close();
    }
    service.close();
  });

  it('changes tags of several servers at once, and says what failed', async () => {
    const team = unique('bulk');
    const one = await system.addServer(resource.port, { tags: { team, old: '1' } });
    const two = await system.addServer(resource.port, { tags: { team, keep: 'me' } });
    const tagsOf = async ({ id }: { id: string }) =>
      (await unwrap(system.admin.GET('/api/v1/servers/{id}', { params: { path: { id } } }))).tags;
    const { page } = window;
    await window.visit(`/servers?search=${encodeURIComponent(`tag:team=${team}`)}`);
    await page.getByLabel(`Select ${one.name}`).check();
    await page.getByLabel(`Select ${two.name}`).check();
    await page.getByRole('button', { name: 'Edit tags of 2 servers' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Add').fill('env');
    await dialog.getByRole('button', { name: 'Change tags' }).click();
    await dialog.getByRole('alert').getByText('a tag is key=value').waitFor();
    await dialog.getByLabel('Add').fill('env=prod');
    await dialog.getByLabel('Remove').fill('old');
    await dialog.getByRole('button', { name: 'Change tags' }).click();
    await page.getByText('Changed the tags of 2 servers').waitFor();
    expect(await tagsOf(one)).toEqual({ team, env: 'prod' });
    expect(await tagsOf(two)).toEqual({ team, keep: 'me', env: 'prod' });

    await page.getByLabel(`Select ${one.name}`).check();
    await page.getByLabel(`Select ${two.name}`).check();
    await page.getByRole('button', { name: 'Edit tags of 2 servers' }).click();
    await page.route(`**/api/v1/servers/${one.id}`, async (route) => {
      // somebody else changes it between the reading and the writing
      const { version } = await unwrap(system.admin.GET('/api/v1/servers/{id}', { params: { path: { id: one.id } } }));
      const body = { version, tags: { team, theirs: '1' } };
      if (route.request().method() === 'PATCH')
        await unwrap(system.admin.PATCH('/api/v1/servers/{id}', { params: { path: { id: one.id } }, body }));
      await route.continue();
    });
    await dialog.getByLabel('Add').fill('env=test');
    await dialog.getByRole('button', { name: 'Change tags' }).click();
    await dialog
      .getByRole('alert')
      .getByText(new RegExp(`Changed the tags of 1 server\\. 1 server failed: ${one.name}: `))
      .waitFor();
    await page.unroute(`**/api/v1/servers/${one.id}`);
    expect(await tagsOf(one)).toEqual({ team, theirs: '1' });
    expect(await tagsOf(two)).toEqual({ team, keep: 'me', env: 'test' });
    await dialog.getByRole('button', { name: 'Change tags' }).click(); // again, from what is there now
    await page.getByText('Changed the tags of 1 server; 1 server had them already').waitFor();
    expect(await tagsOf(one)).toEqual({ team, theirs: '1', env: 'test' });
  });

  it('shows to the second of two editors what the first one changed', async () => {
    const server = await system.addServer(resource.port);
    await window.visit(`/servers/${server.id}?tab=settings`);
    const { page } = window;
    await page.getByLabel('Resource tags').fill('mine=1');
    await unwrap(
      system.admin.PATCH('/api/v1/servers/{id}', {
        params: { path: { id: server.id } },
        body: { version: server.version, tags: { theirs: '1' } },
      }),
    );
    await page.getByText('Somebody else changed this server meanwhile').waitFor(); // without a reload
    await page.getByRole('cell', { name: 'theirs=1' }).waitFor();
    await page.getByRole('cell', { name: 'mine=1' }).waitFor();
    await page.getByRole('button', { name: 'Keep mine, to save over theirs' }).click();
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText(`${server.name} was changed`).waitFor();
    const { tags } = await unwrap(system.admin.GET('/api/v1/servers/{id}', { params: { path: { id: server.id } } }));
    expect(tags).toEqual({ mine: '1' });
  });

  it('names the server that has a port already, and changes a port in place', async () => {
    const first = await system.addServer(resource.port);
    const second = await system.addServer(resource.port);
    await window.visit('/port-overrides');
    const { page } = window;
    await page.getByRole('combobox', { name: 'Search port overrides' }).fill(second.name);
    await page.getByRole('button', { name: `Change the port of ${second.name}` }).click();
    await page.getByLabel(`Port of ${second.name}`).fill(String(first.portOverride));
    await page.getByText(`${first.name} has ${first.bindAddress}:${first.portOverride}`).waitFor();
    expect(await page.getByRole('button', { name: 'Save' }).isDisabled()).toBe(true);
  });

  it('asks before it deletes, and says what ends', async () => {
    const server = await system.addServer(resource.port);
    await window.visit(`/servers/${server.id}`);
    const { page } = window;
    await page.getByRole('button', { name: 'Delete', exact: true }).click();
    await page.getByRole('dialog').getByText('Its live sessions end at once').waitFor();
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
    await page.getByRole('button', { name: 'Delete', exact: true }).click();
    await page
      .getByRole('dialog')
      .getByRole('button', { name: `Delete ${server.name}` })
      .click();
    await page.getByRole('heading', { name: 'Servers', level: 1 }).waitFor();
    const { response } = await system.admin.GET('/api/v1/servers/{id}', { params: { path: { id: server.id } } });
    expect(response.status).toBe(404);
  });

  it('suspends a user, whose own window then asks to sign in', async () => {
    const user = await system.addUser();
    const theirs = await signedIn(user);
    await window.visit(`/users/${user.id}`);
    await window.page.getByRole('button', { name: 'Suspend' }).click();
    await window.page.getByRole('dialog').getByRole('button', { name: 'Suspend' }).click();
    await window.page.getByRole('button', { name: 'Resume' }).waitFor();
    await theirs.page.goto('/queries');
    await theirs.page.getByRole('button', { name: 'Sign in' }).waitFor();
    await theirs.close();
    await user.leave();
  });

  it('signs out at the server too', async () => {
    const user = await system.addUser();
    const theirs = await signedIn(user);
    const before = await theirs.context.cookies();
    await theirs.page.getByRole('button', { name: `Account of ${user.email}` }).click();
    await theirs.page.getByRole('menuitem', { name: 'Sign out' }).click();
    await theirs.page.getByRole('button', { name: 'Sign in' }).waitFor();
    await theirs.context.addCookies(before); // somebody kept it
    await theirs.page.goto('/my-access');
    await theirs.page.getByRole('button', { name: 'Sign in' }).waitFor();
    await theirs.close();
    await user.leave();
  });

  it('searches, and lists its keys, by keys', async () => {
    const server = await system.addServer(resource.port);
    const { page } = window;
    await window.visit('/activity');
    await page.keyboard.press('g');
    await page.keyboard.press('s');
    await page.getByRole('heading', { name: 'Servers', level: 1 }).waitFor();
    await page.getByRole('combobox', { name: 'Search servers' }).waitFor();
    // the next page comes late, and what was typed is kept in the address of this one after a pause: it must not bring it back
    await page.route('**/assets/server-page-*.js', async (route) => {
      await sleep(500);
      await route.continue();
    });
    await page.keyboard.press('/');
    await page.keyboard.type(server.name);
    await page.locator('table[aria-rowcount="2"]').waitFor(); // the heading and one server
    for (let presses = 0; presses < 20; presses++) {
      await page.keyboard.press('Tab');
      if ((await page.evaluate('document.activeElement.textContent')) === server.name) break;
    }
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: server.name, level: 1 }).waitFor();
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
  });
});
