import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { unwrap } from '@sluice/sdk';
import { type TestSystem, type TestUser, unique } from '@sluice/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { echo, Resource } from '../resource.js';
import { sharedSystem } from '../system.js';
import { chromiumProgram, TestBrowser, type TestWindow } from './browser.js';

// Every page, as everybody who may open it: readable by all, at any width, in both themes, and offering what is allowed only.

/** Pages by their addresses; an id stands for that of an object made here. */
const FOR_ALL = ['/my-access', '/queries'];
const FOR_READERS = [
  '/overview',
  '/servers',
  '/servers/{server}?tab=diagnostics',
  '/servers/{server}?tab=settings',
  '/servers/{server}?tab=access',
  '/servers/{server}?tab=sessions',
  '/servers/{server}?tab=activity',
  '/queries/{session}',
  '/nodes',
  '/clusters',
  '/clusters/{cluster}',
  '/clusters/default',
  '/users',
  '/users/{user}',
  '/roles',
  '/roles/{role}',
  '/settings',
  '/port-overrides',
  '/siem-readers',
  '/siem-readers/{reader}',
  '/activity',
];
const FOR_ADMINISTRATORS = ['/servers/add'];

let system: TestSystem;
let browser: TestBrowser;
let resource: Resource;
let user: TestUser;
const ids: Record<string, string> = {};
const addressOf = (page: string): string => page.replaceAll(/\{(\w+)\}/g, (_, name: string) => ids[name] ?? name);
const nameOf = (page: string): string =>
  page
    .replaceAll(/[{}]|tab=/g, '')
    .split(/[/?]/)
    .filter((part) => part !== '')
    .join('-');

const signedIn = async (one: TestUser, options: { theme?: 'light' | 'dark'; width?: number } = {}): Promise<TestWindow> => {
  const window = await browser.open(options);
  await window.signIn(one.email, readFileSync(one.passwordFile, 'utf8'));
  return window;
};

describe.skipIf(chromiumProgram === undefined)('a page of the console', () => {
  beforeAll(async () => {
    system = await sharedSystem();
    browser = await TestBrowser.launch(system.handle.url);
    resource = await Resource.serve(echo);
    user = await system.addUser();
    const server = await system.addServer(resource.port, { tags: { env: 'test', team: 'payments' } });
    ids['server'] = server.id;
    ids['user'] = user.id;
    ids['role'] = await system.grant([user], [server]);
    ids['cluster'] = (await unwrap(system.admin.POST('/api/v1/clusters', { body: { name: unique('cluster') } }))).id;
    ids['reader'] = (await unwrap(system.admin.POST('/api/v1/siem-readers', { body: { name: unique('reader') } }))).id;
    const port = await user.connect(server.name);
    const client = connect(port, '127.0.0.1');
    client.end('hello');
    client.resume();
    const [record] = await system.recordsWhen(server.id, ([first]) => first?.state === 'final');
    ids['session'] = record?.id ?? '';
  });

  afterAll(async () => {
    const path = { id: ids['reader'] ?? '' };
    const { version } = await unwrap(system.admin.GET('/api/v1/siem-readers/{id}', { params: { path } }));
    await unwrap(system.admin.DELETE('/api/v1/siem-readers/{id}', { params: { path, query: { version } } }));
    await browser.close();
    await user.leave();
    resource.close();
  });

  for (const theme of ['light', 'dark'] as const) {
    for (const width of [1440, 1024, 400]) {
      it(`is whole and accessible, ${theme}, ${width} pixels wide`, async () => {
        const admin = await system.addUser('administrator');
        const window = await signedIn(admin, { theme, width });
        const wrong: Record<string, unknown> = {};
        for (const page of [...FOR_ALL, ...FOR_READERS, ...FOR_ADMINISTRATORS]) {
          await window.visit(addressOf(page));
          await window.picture(nameOf(page));
          const found = [...(await window.violations()), ...(await window.brokenImages()), ...window.errors.splice(0)];
          const overflow = await window.overflow();
          if (overflow > 0) found.push(`${overflow} pixels wider than the window`);
          if ((await window.page.getByRole('alert').count()) > 0) found.push('shows a problem');
          if (found.length > 0) wrong[page] = found;
        }
        expect(wrong).toEqual({});
        await window.close();
        await admin.leave();
      });
    }
  }

  it('shows of a node on a phone what has a column of its own on a wide screen', async () => {
    const titles = ['Kind', 'Last seen', 'Sessions or links', 'Bytes a second', 'Address for agents', 'Proxy cluster'];
    const admin = await system.addUser('administrator');
    for (const width of [400, 1440]) {
      const window = await signedIn(admin, { width });
      await window.visit('/nodes');
      const row = window.page.getByRole('row').filter({ hasText: 'relay' }).first();
      const shown = titles.map((title) => row.getByText(`${title}:`).isVisible());
      expect(await Promise.all(shown)).toEqual(titles.map(() => width === 400));
      await window.picture('nodes-row');
      await window.close();
    }
    await admin.leave();
  });

  it('has a landmark, a title and a way back at an address that nothing has, whoever opens it', async () => {
    for (const window of [await browser.open(), await signedIn(user)]) {
      await window.page.goto('/no/such/page');
      await window.page.getByRole('main').getByRole('heading', { name: 'No such page', level: 1 }).waitFor();
      expect([await window.page.getByRole('main').count(), await window.violations()]).toEqual([1, []]);
      await window.picture('no-such-page');
      await window.close();
    }
  });

  it('offers an auditor nothing that would be refused', async () => {
    const auditor = await system.addUser('auditor');
    const window = await signedIn(auditor);
    const offered: Record<string, string[]> = {};
    const refused: string[] = [];
    window.page.on('response', (response) => response.status() >= 400 && refused.push(response.url()));
    for (const page of [...FOR_ALL, ...FOR_READERS]) {
      await window.visit(addressOf(page));
      expect([page, await window.page.locator('a[href="/servers/add"]').count()]).toEqual([page, 0]);
      if (page === '/my-access') continue; // their own login and password
      const buttons = await window.page.locator('main').getByRole('button').allInnerTexts();
      const changing = buttons.filter((text) =>
        /^(add|delete|save|end|suspend|resume|reset|revoke|create|edit|rename|remove|take|check|drain|undrain|deadline|replay|rotate)\b/i.test(
          text.trim(),
        ),
      );
      if (changing.length > 0) offered[page] = changing;
    }
    expect(offered).toEqual({});
    expect(refused).toEqual([]);
    await window.visit(addressOf('/servers/{server}?tab=settings'));
    await window.page.getByLabel('Check interval, seconds').waitFor(); // not folded up, because they cannot unfold it
    expect(await window.page.getByLabel('Check interval, seconds').isDisabled()).toBe(true);
    await window.visit('/servers/add');
    await window.page.getByText('This page is for administrators').waitFor();
    await window.close();
    await auditor.leave();
  });

  it('shows a user what is theirs, and of everything else that it is not for them', async () => {
    const window = await signedIn(user);
    const links = await window.page.getByRole('navigation', { name: 'Pages' }).getByRole('link').allInnerTexts();
    expect(links.map((text) => text.trim())).toEqual(['My access', 'Queries']);
    for (const page of FOR_READERS.filter((name) => name !== '/queries/{session}')) {
      await window.visit(addressOf(page));
      await window.page.getByText('This page is for administrators and auditors').waitFor();
    }
    await window.visit(addressOf('/queries/{session}')); // their own
    await window.page.getByText('Who and what').waitFor();
    await window.close();
  });
});
