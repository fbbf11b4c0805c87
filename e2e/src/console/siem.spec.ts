import { readFileSync } from 'node:fs';
import { jetstream } from '@nats-io/jetstream';
import { connect, credsAuthenticator, type NatsConnection } from '@nats-io/transport-node';
import { AUDIT_STREAM } from '@sluice/contracts';
import { type TestSystem, type TestUser, unique } from '@sluice/testing';
import type { Download, Locator } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sharedSystem } from '../system.js';
import { chromiumProgram, TestBrowser, type TestWindow } from './browser.js';

// How an administrator connects a SIEM, sees whether it follows, and ends it.

let system: TestSystem;
let browser: TestBrowser;
let admin: TestUser;
let window: TestWindow;

/** The files and values that the dialog with new credentials has, as somebody takes them from it. */
async function takeCredentials(
  shown: Locator,
): Promise<{ file: string; creds: Buffer; ca: string; values: Record<string, string> }> {
  const save = async (name: string | RegExp): Promise<{ name: string; content: Buffer }> => {
    const [download] = await Promise.all<[Promise<Download>, Promise<void>]>([
      window.page.waitForEvent('download'),
      shown.getByRole('button', { name }).click(),
    ]);
    return { name: download.suggestedFilename(), content: readFileSync(await download.path()) };
  };
  const creds = await save(/^Save .*\.creds$/);
  const ca = await save('Save bus-ca.pem');
  const values: Record<string, string> = {};
  for (const name of ['Servers', 'Consumer', 'Inbox prefix'])
    values[name] = (await shown.getByRole('row').filter({ hasText: name }).locator('.mono').innerText()).trim();
  await shown.getByRole('button', { name: 'I have stored it' }).click();
  await shown.waitFor({ state: 'detached' });
  return { file: creds.name, creds: creds.content, ca: ca.content.toString(), values };
}

const join = ({ creds, ca, values }: Awaited<ReturnType<typeof takeCredentials>>): Promise<NatsConnection> =>
  connect({
    servers: values['Servers'] ?? '',
    tls: { ca },
    authenticator: credsAuthenticator(creds),
    inboxPrefix: values['Inbox prefix'] ?? '',
  });

/** Receives and acknowledges events. @returns the numbers of those that came */
async function receive(connection: NatsConnection, consumer: string, most: number): Promise<number[]> {
  const numbers: number[] = [];
  const reader = await jetstream(connection).consumers.get(AUDIT_STREAM, consumer);
  for await (const event of await reader.fetch({ max_messages: most, expires: 2000 })) {
    numbers.push(event.seq);
    await event.ackAck();
  }
  return numbers;
}

describe.skipIf(chromiumProgram === undefined)('an administrator', () => {
  beforeAll(async () => {
    system = await sharedSystem();
    browser = await TestBrowser.launch(system.handle.url);
    admin = await system.addUser('administrator');
    window = await browser.open();
    await window.signIn(admin.email, readFileSync(admin.passwordFile, 'utf8'));
  });
  afterAll(async () => {
    await browser.close();
    await admin.leave();
  });

  it('connects a SIEM with credentials that are shown once, sees how far it is, replays, rotates and deletes', async () => {
    const name = unique('siem');
    const { page } = window;
    const dialog = page.getByRole('dialog');
    await window.visit('/siem-readers');
    await page.getByRole('button', { name: 'Create reader' }).click();
    await dialog.getByLabel('Name').fill(name);
    await dialog.getByLabel('Format').selectOption('ocsf');
    await dialog.getByText('such as siem.v1.ocsf.network_activity.> with commas').waitFor();
    await dialog.getByLabel('Format').selectOption('cloudevents');
    await dialog.getByLabel('Subjects').fill('audit.v2.>');
    await dialog.getByRole('button', { name: 'Create reader' }).click();
    await dialog.getByRole('alert').getByText('a pattern of this format is audit.v1.>').waitFor();
    await dialog.getByLabel('Subjects').fill('');
    await dialog.getByLabel('The number of an event').check();
    await dialog.getByRole('button', { name: 'Create reader' }).click();
    await dialog.getByRole('alert').getByText('the number is a whole number').waitFor();
    await dialog.getByLabel('From number').fill('1');
    await dialog.getByRole('button', { name: 'Create reader' }).click();
    const shown = page.getByRole('dialog', { name: `Credentials of ${name}` });
    await shown.getByText(/^nats --server /).waitFor();
    await window.picture('siem-credentials');
    expect([await window.violations(), await window.overflow()]).toEqual([[], 0]);
    const made = await takeCredentials(shown);
    expect(made.file).toBe(`${name}.creds`);

    const row = page.getByRole('table', { name: 'SIEM readers' }).getByRole('row').filter({ hasText: name });
    await row.getByText('receiving').waitFor({ timeout: 30_000 }); // once its consumer exists
    await row.getByRole('link', { name }).click();
    await page.getByRole('heading', { name, level: 1 }).waitFor();
    const old = await join(made);
    const numbers = await receive(old, made.values['Consumer'] ?? '', 5);
    expect(numbers).toEqual([1, 2, 3, 4, 5]);
    await page.getByText('through number 5, last just now').last().waitFor({ timeout: 30_000 });

    await page.getByRole('button', { name: 'Replay' }).click();
    await dialog.getByRole('button', { name: 'Replay' }).click();
    await dialog.getByRole('alert').getByText('say since which time').waitFor();
    await dialog.getByLabel('The number of an event').check();
    await dialog.getByText(/^JetStream keeps 1 to /).waitFor();
    await dialog.getByLabel('From number').fill('2');
    await dialog.getByRole('button', { name: 'Replay' }).click();
    await page.getByText(`${name} begins again`).waitFor();
    await expect.poll(() => receive(old, made.values['Consumer'] ?? '', 2).catch(() => []), { timeout: 30_000 }).toEqual([2, 3]);

    await page.getByRole('button', { name: 'Rotate credentials' }).click();
    await dialog.getByRole('button', { name: 'Replace credentials' }).click();
    const renewed = await takeCredentials(shown);
    expect(renewed.values['Consumer']).not.toBe(made.values['Consumer']);
    const fresh = await join(renewed);
    await expect
      .poll(() => receive(fresh, renewed.values['Consumer'] ?? '', 1).catch(() => []), { timeout: 30_000 })
      .toEqual([4]);
    expect(await receive(old, made.values['Consumer'] ?? '', 1).catch(() => 'refused')).not.toContain(5);
    await old.close();

    await window.visit('/overview'); // where its lag is beside that of the database
    const readers = page.getByRole('table', { name: 'To the database and SIEM readers' });
    await readers.getByRole('row').filter({ hasText: 'The audit database' }).waitFor();
    await page.getByRole('table', { name: 'From relays' }).getByText('relay-1').waitFor();
    await readers.getByRole('link', { name }).click();
    await page.getByRole('button', { name: 'Delete', exact: true }).click();
    await dialog.getByText(/that it has not acknowledged are not delivered to it/).waitFor();
    await dialog.getByRole('button', { name: 'Delete reader' }).click();
    await page.getByRole('heading', { name: 'SIEM readers', level: 1 }).waitFor();
    await page.getByRole('link', { name }).waitFor({ state: 'detached' });
    await fresh.close();
    expect(window.errors).toEqual([]);
  });
});
