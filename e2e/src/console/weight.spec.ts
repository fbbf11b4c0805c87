import { readFileSync } from 'node:fs';
import type { TestSystem, TestUser } from '@sluice/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sharedSystem } from '../system.js';
import { chromiumProgram, TestBrowser } from './browser.js';

/** What the first page may load at most of scripts, in bytes as they are sent. */
const MAX_SCRIPT_BYTES = 250_000;
const PAGES = [
  '/overview',
  '/servers',
  '/servers/add',
  '/queries',
  '/nodes',
  '/settings',
  '/port-overrides',
  '/siem-readers',
  '/activity',
  '/my-access',
];

/** Runs in the page: the compressed size of every script that it loaded. */
const scriptBytes = `performance.getEntriesByType('resource')
  .filter(({ name }) => new URL(name).pathname.endsWith('.js'))
  .reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0)`;

describe.skipIf(chromiumProgram === undefined)('the first page that a browser opens', () => {
  let system: TestSystem;
  let browser: TestBrowser;
  let admin: TestUser;
  beforeAll(async () => {
    system = await sharedSystem();
    browser = await TestBrowser.launch(system.handle.url);
    admin = await system.addUser('administrator');
  });
  afterAll(async () => {
    await browser.close();
    await admin.leave();
  });

  it(`loads at most ${MAX_SCRIPT_BYTES} bytes of compressed scripts, whichever it is`, async () => {
    const window = await browser.open();
    await window.signIn(admin.email, readFileSync(admin.passwordFile, 'utf8'));
    const sizes: Record<string, number> = {};
    for (const page of PAGES) {
      await window.visit(page);
      sizes[page] = await window.page.evaluate<number>(scriptBytes);
    }
    expect(Object.values(sizes).every((size) => size > 50_000)).toBe(true); // it is measured at all
    expect(Object.entries(sizes).filter(([, size]) => size > MAX_SCRIPT_BYTES)).toEqual([]);
    await window.close();
  });
});
