import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestSystem, TestUser } from '@sluice/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sharedSystem } from '../system.js';
import { chromiumProgram, TestBrowser } from './browser.js';

let system: TestSystem;
let person: TestUser;
let other: Server;

describe.skipIf(chromiumProgram === undefined)('the console over plain HTTP', () => {
  beforeAll(async () => {
    system = await sharedSystem();
    person = await system.addUser();
    const name = `sluice-${new URL(system.handle.url).port}`;
    const cookies = ['/api', '/api/v1/me'].map((path) => `${name}=slt_of-the-other-server; Path=${path}`);
    other = createServer((_request, response) => void response.setHeader('set-cookie', cookies).end('another server'));
    await once(other.listen(0, '127.0.0.1'), 'listening');
  });
  afterAll(async () => {
    await person.leave();
    other.close();
  });

  const signIn = async (url: string) => {
    const browser = await TestBrowser.launch(url);
    const window = await browser.open();
    await window.signIn(person.email, readFileSync(person.passwordFile, 'utf8'));
    return { browser, window };
  };

  it('keeps a login at localhost', async () => {
    const { browser, window } = await signIn(system.handle.url.replace('127.0.0.1', 'localhost'));
    await window.visit('/my-access');
    expect(window.errors).toEqual([]);
    await browser.close();
  });

  it('lets a person sign in again after a server at another port has set a cookie of its name', async () => {
    const { browser, window } = await signIn(system.handle.url);
    await window.visit('/my-access');
    await window.page.goto('about:blank'); // no request of the console is under way, which would have the cookies removed
    await window.page.goto(`http://127.0.0.1:${(other.address() as AddressInfo).port}/`);
    expect((await window.context.cookies()).map(({ path }) => path).sort()).toEqual(['/', '/api', '/api/v1/me']);
    await window.page.goto('/my-access');
    await window.page.getByRole('button', { name: 'Sign in' }).waitFor();
    await window.signIn(person.email, readFileSync(person.passwordFile, 'utf8'));
    await window.visit('/my-access');
    const kept = await window.context.cookies();
    expect(kept.map(({ path, value }) => [path, value === 'slt_of-the-other-server'])).toEqual([['/', false]]);
    await browser.close();
  });
});
