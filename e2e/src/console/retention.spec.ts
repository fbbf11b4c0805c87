import { readFileSync } from 'node:fs';
import { type TestSystem, type TestUser, unique } from '@sluice/testing';
import { unwrap } from '@sluice/sdk';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sharedSystem } from '../system.js';
import { chromiumProgram, TestBrowser } from './browser.js';

// How an administrator limits how long evidence is kept, and holds what is needed; an auditor sees both.

let system: TestSystem;
let browser: TestBrowser;
let admin: TestUser;
let auditor: TestUser;

describe.skipIf(chromiumProgram === undefined)('retention and legal holds', () => {
  beforeAll(async () => {
    system = await sharedSystem();
    browser = await TestBrowser.launch(system.handle.url);
    [admin, auditor] = [await system.addUser('administrator'), await system.addUser('auditor')];
  });
  afterAll(async () => {
    await browser.close();
    await Promise.all([admin.leave(), auditor.leave()]);
  });

  it('warn of what is dropped, hold and release', async () => {
    const reason = unique('case');
    const window = await browser.open();
    const { page } = window;
    const dialog = page.getByRole('dialog');
    await window.signIn(admin.email, readFileSync(admin.passwordFile, 'utf8'));
    await window.visit('/settings');
    await page.getByLabel('Sessions are kept, days').fill('30');
    await page.getByLabel('Sessions are kept, days').blur();
    await page.getByText('is a whole number from 31 to 36500, or 0 for forever').waitFor();
    await page.getByLabel('Sessions are kept, days').fill('36500');
    await page.getByText('records of sessions and their facts from more than 36,500 days ago').waitFor();
    await page.getByRole('button', { name: 'Save' }).click();
    await dialog.getByText('records of sessions and their facts from more than 36,500 days ago').waitFor();
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await dialog.waitFor({ state: 'detached' });
    expect((await unwrap(system.admin.GET('/api/v1/settings'))).sessionRetentionDays).toBe(0);
    await page.getByRole('button', { name: 'Save' }).click();
    await dialog.getByRole('button', { name: 'Save and drop' }).click();
    await page.getByText('The settings were saved').waitFor();
    await page.getByText('sessions are kept for 36,500 days.').waitFor({ timeout: 30_000 });
    expect((await unwrap(system.admin.GET('/api/v1/settings'))).sessionRetentionDays).toBe(36_500);

    await page.getByRole('button', { name: 'Add hold' }).click();
    await dialog.getByRole('button', { name: 'Add hold' }).click();
    await dialog.getByRole('alert').getByText('say why').waitFor();
    await dialog.getByLabel('Reason').fill(reason);
    await dialog.getByLabel('Account').fill(auditor.email);
    await dialog.getByLabel('Since').fill('2026-11-02T09:00');
    await dialog.getByLabel('Until').fill('2026-11-01T09:00');
    await dialog.getByRole('button', { name: 'Add hold' }).click();
    await dialog.getByRole('alert').getByText('a hold ends later than it begins').waitFor();
    await dialog.getByLabel('Until').fill('');
    await dialog.getByRole('button', { name: 'Add hold' }).click();
    await dialog.waitFor({ state: 'detached' });
    const row = page.getByRole('row').filter({ hasText: reason });
    await row.getByText(`sessions of ${auditor.email}`).waitFor();

    for (const theme of ['light', 'dark'] as const)
      for (const width of [1440, 400]) {
        const shown = await browser.open({ theme, width });
        await shown.signIn(auditor.email, readFileSync(auditor.passwordFile, 'utf8'));
        await shown.visit('/settings');
        const held = shown.page.getByRole('row').filter({ hasText: reason });
        await held.getByText('holds', { exact: true }).waitFor();
        const titles = (await held.innerText()).match(/(Since|Until|Added by|Added)(?=:)/g) ?? []; // on a phone, columns stand in the first one
        expect(titles).toEqual(width === 400 ? ['Since', 'Until', 'Added by', 'Added'] : []);
        expect(await shown.page.getByRole('button', { name: /^(Add hold|Release)$/ }).count()).toBe(0);
        expect(await shown.page.getByLabel('Sessions are kept, days').isDisabled()).toBe(true);
        expect(await shown.violations()).toEqual([]);
        expect(await shown.overflow()).toBe(0);
        await shown.picture('retention-auditor');
        expect(shown.errors).toEqual([]);
        await shown.close();
      }
    await window.picture('retention-administrator');
    await row.getByRole('button', { name: 'Release' }).click();
    await dialog.getByRole('button', { name: 'Release hold' }).click();
    await row.getByText(/^released/).waitFor();
    await page.getByLabel('Sessions are kept, days').fill('0');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('sessions are kept for').waitFor({ state: 'detached', timeout: 30_000 });
    expect(window.errors).toEqual([]);
  });
});
