import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { freePort } from '@sluice/embedded';
import { type TestSystem, type TestUser, unique } from '@sluice/testing';
import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { echo, Resource } from '../resource.js';
import { sharedSystem } from '../system.js';
import { chromiumProgram, TestBrowser } from './browser.js';

// The main story of an administrator with the keyboard alone: nothing is clicked, and nothing is focused by a script.

/** How many keys may lead to something on a page. */
const MAX_TABS = 80;

let page: Page;

/** Presses Tab, or the other key, until something has the focus. */
async function goTo(target: Locator, key = 'Tab'): Promise<void> {
  await target.waitFor();
  for (let pressed = 0; pressed < MAX_TABS; pressed++) {
    if ((await target.and(page.locator(':focus')).count()) > 0) return;
    await page.keyboard.press(key);
  }
  throw new Error(`${String(target)} is out of reach of the keyboard`);
}
async function fill(target: Locator, text: string): Promise<void> {
  await goTo(target);
  await page.keyboard.press('Control+A');
  await page.keyboard.type(text);
}
async function press(target: Locator): Promise<void> {
  await goTo(target);
  await page.keyboard.press('Enter');
}
/** Chooses from a list that is searched by typing. */
async function choose(label: string, text: string): Promise<void> {
  await fill(page.getByRole('combobox', { name: label }), text);
  await page.getByRole('option', { name: text }).waitFor();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await page.getByRole('link', { name: text }).waitFor();
}
/** Goes to a page by its keys, once the page before has the focus. */
async function open(key: string, title: string): Promise<void> {
  await page.keyboard.press('g');
  await page.keyboard.press(key);
  await page.getByRole('heading', { name: title, level: 1 }).waitFor();
}

describe.skipIf(chromiumProgram === undefined)('with the keyboard alone', () => {
  let system: TestSystem;
  let browser: TestBrowser;
  let resource: Resource;
  let admin: TestUser;
  let user: TestUser;
  beforeAll(async () => {
    system = await sharedSystem();
    browser = await TestBrowser.launch(system.handle.url);
    resource = await Resource.serve(echo);
    admin = await system.addUser('administrator');
    user = await system.addUser();
  });
  afterAll(async () => {
    await browser.close();
    await user.leave();
    await admin.leave();
    resource.close();
  });

  it('an administrator signs in, adds a server, gives access, sees the session and ends it', async () => {
    const window = await browser.open();
    ({ page } = window);
    const [name, role] = [unique('keys'), unique('role')];
    await page.goto('/');
    await fill(page.getByLabel('E-mail'), admin.email);
    await fill(page.getByLabel('Password', { exact: true }), readFileSync(admin.passwordFile, 'utf8'));
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Overview', level: 1 }).waitFor();

    await open('s', 'Servers');
    await press(page.getByRole('link', { name: 'Add server' }));
    await fill(page.getByLabel('Display name'), name);
    await fill(page.getByLabel('Hostname'), '127.0.0.1');
    await fill(page.getByRole('textbox', { name: 'Port', exact: true }), String(resource.port));
    await fill(page.getByRole('textbox', { name: 'Port override' }), String(await freePort()));
    await press(page.getByRole('button', { name: 'Add server' }));
    await page.getByRole('heading', { name, level: 1 }).waitFor();

    await open('r', 'Roles');
    await press(page.getByRole('button', { name: 'Add role' }));
    await fill(page.getByRole('dialog').getByLabel('Name'), role);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: role, level: 1 }).waitFor();
    await choose('Let it reach a server', name);
    await choose('Give it to a user', user.email);

    const client = connect(await user.connect(name), '127.0.0.1');
    client.on('error', () => undefined); // a session that an administrator ends is reset
    client.write('x');
    await once(client, 'data');
    const closed = new Promise((resolve) => client.once('close', resolve));
    await goTo(page.getByRole('link', { name: 'Skip to the content' }));
    await open('q', 'Queries');
    await page.getByLabel('Server').waitFor();
    await page.keyboard.press('/'); // only its sessions, because others share the installation
    await page.keyboard.type(name);
    await page.keyboard.press('Enter');
    await page.waitForURL(`**/queries?filter=${name}`);
    const live = page.getByRole('table', { name: 'Live sessions' }).getByRole('row').filter({ hasText: name });
    await press(live.getByRole('button', { name: 'End' }));
    await fill(page.getByRole('dialog').getByLabel('Reason'), 'maintenance');
    await press(page.getByRole('dialog').getByRole('button', { name: 'End session' }));
    await closed;
    const ended = page.getByRole('table', { name: 'Session log' }).getByRole('row').filter({ hasText: name });
    await press(ended.getByRole('link').first());
    await page.getByText(`${admin.email}: maintenance`).first().waitFor();
    await goTo(page.getByRole('button', { name: 'Copy the hash of the fact' }).first());

    await goTo(page.getByRole('link', { name: 'Skip to the content' }));
    await open('s', 'Servers');
    await page.getByRole('combobox', { name: 'Search servers' }).waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type(name);
    await page.locator('table[aria-rowcount="2"]').waitFor(); // the heading and this server
    await goTo(page.getByRole('checkbox', { name: `Select ${name}` }));
    await page.keyboard.press('Space');
    await goTo(page.getByRole('button', { name: 'Edit tags of 1 server' }), 'Shift+Tab');
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor();
    await fill(page.getByRole('dialog').getByLabel('Add'), 'by=keys');
    await press(page.getByRole('dialog').getByRole('button', { name: 'Change tags' }));
    await page.getByText('by=keys').waitFor();
    expect(window.errors).toEqual([]);
    await window.close();
  });
});
