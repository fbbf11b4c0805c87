import { readFileSync } from 'node:fs';
import { unwrap } from '@sluice/sdk';
import type { TestUser } from '@sluice/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { carried } from '../carried.js';
import { Scene } from '../scene.js';
import { chromiumProgram, TestBrowser, type TestWindow } from './browser.js';

// How an administrator takes a relay out of service, and puts it back. In an installation of its own, because others connect.

let scene: Scene;
let browser: TestBrowser;
let admin: TestUser;
let window: TestWindow;

describe.skipIf(chromiumProgram === undefined)('an administrator', () => {
  beforeAll(async () => {
    scene = await Scene.start();
    browser = await TestBrowser.launch(scene.system.handle.url);
    admin = await scene.system.addUser('administrator');
    window = await browser.open();
    await window.signIn(admin.email, readFileSync(admin.passwordFile, 'utf8'));
  });
  afterAll(async () => {
    await browser.close();
    await admin.leave();
    await scene.end();
  });

  it('drains a relay after seeing who is connected through it, sets a deadline, and undrains it', async () => {
    const { system, user, resource, installation } = scene;
    const { page } = window;
    const { token } = await unwrap(system.admin.POST('/api/v1/nodes/tokens', { body: { name: 'relay-2' } }));
    await installation.addRelay('relay-2', { SLUICE_ENROLMENT_TOKEN: token });
    const server = await system.addServer(resource.port);
    await system.grant([user], [server]);
    const socket = await carried(await user.connect(server.name));
    const closed = new Promise((resolve) => socket.on('error', () => undefined).once('close', resolve));
    const [record] = await system.recordsWhen(server.id, ([first]) => first?.state === 'live' && first.relay !== null);
    const relay = record?.relay?.name ?? '';

    await window.visit('/nodes');
    const rowOf = (name: string) =>
      page
        .getByRole('table', { name: 'Nodes' })
        .getByRole('row')
        .filter({ has: page.getByText(name, { exact: true }) });
    for (const name of ['relay-1', 'relay-2']) await rowOf(name).getByText('online').waitFor();
    const row = rowOf(relay);
    const dialog = page.getByRole('dialog', { name: `Drain ${relay}?` });
    await row.getByRole('button', { name: 'Drain' }).click();
    await dialog.getByText('1 session through it may run until it ends.').waitFor();
    const connected = dialog.getByRole('table', { name: 'Running sessions' }).getByRole('row').filter({ hasText: user.email });
    await connected.getByText(server.name).waitFor();
    expect(await dialog.getByText('It is the only').count()).toBe(0); // another relay is in service
    await window.picture('nodes-drain');
    expect(await window.violations()).toEqual([]);
    await dialog.getByRole('button', { name: 'Drain', exact: true }).click();
    await page.getByText(`${relay} accepts nothing new`).waitFor();
    await row.getByText('draining').waitFor();
    await row.getByText(/^drained since/).waitFor();
    const other = relay === 'relay-1' ? 'relay-2' : 'relay-1';
    await rowOf(other).getByRole('button', { name: 'Drain' }).click();
    const otherDialog = page.getByRole('dialog', { name: `Drain ${other}?` }); // the first one may still be fading
    await otherDialog.getByText('It is the only relay of the default cluster in service').waitFor();
    await otherDialog.getByRole('button', { name: 'Cancel' }).click();
    await otherDialog.waitFor({ state: 'detached' });
    await window.picture('nodes-draining');

    await row.getByRole('button', { name: 'Deadline' }).click();
    await dialog.getByLabel('Deadline, seconds').fill('1');
    await dialog.getByText('1 session through it ends at the deadline, unless ended before.').waitFor();
    await dialog.getByRole('button', { name: 'Drain', exact: true }).click();
    await closed;
    const [ended] = await system.recordsWhen(server.id, ([first]) => first?.state === 'final');
    expect(ended).toMatchObject({ endReason: 'drained' });
    await row.getByRole('button', { name: 'Undrain' }).click();
    await page.getByText(`${relay} is in service again`).waitFor();
    await row.getByText('online').waitFor();
    expect(await row.getByRole('button', { name: 'Undrain' }).count()).toBe(0);
    expect(window.errors).toEqual([]);
  });

  it('sees all who are connected through a gateway, however many pages the API gives them in', async () => {
    const { system, user, resource } = scene;
    const { page } = window;
    const server = await system.addServer(resource.port);
    await system.grant([user], [server]);
    const port = await user.connect(server.name);
    const sockets = [await carried(port), await carried(port), await carried(port)];
    await system.recordsWhen(server.id, (all) => all.filter(({ state }) => state === 'live').length === sockets.length);
    const asked: (string | null)[] = [];
    const oneAtATime = '**/api/v1/sessions?*gateway=*';
    await page.route(oneAtATime, (route) => {
      const url = new URL(route.request().url());
      asked.push(url.searchParams.get('cursor'));
      url.searchParams.set('limit', '1');
      return route.continue({ url: url.href });
    });
    await window.visit('/nodes');
    const row = page.getByRole('table', { name: 'Nodes' }).getByRole('row').filter({ hasText: 'gateway-1' });
    await row.getByRole('button', { name: 'Drain' }).click();
    const dialog = page.getByRole('dialog', { name: /^Drain / });
    await dialog.getByText('3 sessions through it may run until they end.').waitFor();
    const listed = dialog.getByRole('table', { name: 'Running sessions' }).getByRole('row').filter({ hasText: server.name });
    expect(await listed.count()).toBe(3);
    expect(asked.slice(0, 3)).toEqual([null, expect.any(String), expect.any(String)]);
    expect(new Set(asked.slice(0, 3)).size).toBe(3);
    await page.unroute(oneAtATime);
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    for (const socket of sockets) socket.destroy();
    expect(window.errors).toEqual([]);
  });
});
