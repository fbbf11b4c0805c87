import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { afterEach } from 'vitest';

const require = createRequire(import.meta.url);
const axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

/** Where a system keeps its Chromium. */
const PROGRAMS = [process.env['SLUICE_CHROMIUM'], '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
/** The browser of this machine; undefined where it has none, and specs of the console are skipped. */
export const chromiumProgram = PROGRAMS.find((program) => program !== undefined && existsSync(program));
if (chromiumProgram === undefined) console.log('skipped: no Chromium on this machine (SLUICE_CHROMIUM names one)');

/** Folder for screenshots; undefined: none are taken. */
const SHOTS = process.env['SLUICE_SCREENSHOTS'];

/** How much may be wrong for axe-core before a page fails. */
const GRAVE = ['serious', 'critical'];

/** The windows that are open, of all browsers of this file. */
const windows = new Set<TestWindow>();

afterEach(async ({ task }) => {
  if (task.result?.state !== 'fail') return;
  for (const window of windows) console.log(`${task.name}: the window shows\n${await window.text()}`);
});

/** A browser of a test. A test that fails prints what each of its windows shows. */
export class TestBrowser {
  private constructor(
    private readonly browser: Browser,
    private readonly url: string,
  ) {}

  /** Starts Chromium, headless. @param url of the gateway that serves the console */
  static async launch(url: string): Promise<TestBrowser> {
    const browser = await chromium.launch({
      ...(chromiumProgram !== undefined && { executablePath: chromiumProgram }),
      args: ['--no-sandbox'], // tests run as root in containers
    });
    return new TestBrowser(browser, url);
  }

  close(): Promise<void> {
    return this.browser.close();
  }

  /** Stops all processes of the browser, as its machine does that goes to sleep. @returns has them continue */
  async sleep(): Promise<() => void> {
    const session = await this.browser.newBrowserCDPSession();
    const { processInfo } = await session.send('SystemInfo.getProcessInfo');
    const send = (signal: NodeJS.Signals) => processInfo.forEach(({ id }) => process.kill(id, signal));
    send('SIGSTOP');
    return () => send('SIGCONT');
  }

  /** Opens a window of its own, with its own cookies. Whatever the page reports as an error fails the test that ends with `expectNoErrors`. */
  async open(options: { theme?: 'light' | 'dark'; width?: number } = {}): Promise<TestWindow> {
    const context = await this.browser.newContext({
      baseURL: this.url,
      colorScheme: options.theme ?? 'light',
      viewport: { width: options.width ?? 1440, height: 900 },
    });
    return TestWindow.in(context, options.theme ?? 'light', options.width ?? 1440);
  }
}

/** One window of a browser, as one person uses it. */
export class TestWindow {
  /** What the page reported as an error: exceptions, and what its content security policy refused. */
  readonly errors: string[] = [];

  private constructor(
    readonly context: BrowserContext,
    readonly page: Page,
    private readonly theme: string,
    private readonly width: number,
  ) {
    page.on('pageerror', (error) => this.errors.push(String(error)));
    page.on('console', (message) => {
      if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) this.errors.push(message.text());
    });
    windows.add(this);
    page.on('close', () => windows.delete(this));
    page.on('dialog', (dialog) => {
      this.errors.push(`a script opened a dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
  }

  static async in(context: BrowserContext, theme: string, width: number): Promise<TestWindow> {
    return new TestWindow(context, await context.newPage(), theme, width);
  }

  /** Signs in at the console's own page, and waits for the page behind it. */
  async signIn(email: string, password: string): Promise<void> {
    await this.page.goto('/sign-in');
    await this.page.getByLabel('E-mail').fill(email);
    await this.page.getByLabel('Password', { exact: true }).fill(password);
    await this.page.getByRole('button', { name: 'Sign in' }).click();
    await this.page.locator('main#content h1').waitFor();
  }

  /** Opens a page, and waits until its data is there. */
  async visit(address: string): Promise<void> {
    await this.page.goto(address);
    await this.page.locator('main#content h1').waitFor();
    await this.page.locator('main#content [aria-label^="Loading"]').first().waitFor({ state: 'detached' });
  }

  /** The address of the page, and what somebody who cannot see it is told of it. */
  async text(): Promise<string> {
    return `${this.page.url()}\n${await this.page.locator('body').ariaSnapshot()}`;
  }

  /** What axe-core finds to be seriously wrong with the page, in words. */
  async violations(): Promise<string[]> {
    await this.page.evaluate(`${axe}; undefined`);
    const { violations } = (await this.page.evaluate('axe.run({ resultTypes: ["violations"] })')) as {
      violations: { id: string; impact: string; nodes: { html: string }[] }[];
    };
    return violations
      .filter(({ impact }) => GRAVE.includes(impact))
      .map(({ id, impact, nodes }) => `${impact} ${id}: ${nodes[0]?.html.slice(0, 200)}`);
  }

  /** Images that the page refers to and that are not there. */
  brokenImages(): Promise<string[]> {
    return this.page.evaluate(
      '[...document.images].filter((image) => image.complete && image.naturalWidth === 0).map(({ src }) => src)',
    );
  }

  /** How many pixels the page is wider than the window. */
  overflow(): Promise<number> {
    return this.page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth');
  }

  /** Saves a screenshot of the page if SLUICE_SCREENSHOTS is set. */
  async picture(name: string): Promise<void> {
    if (SHOTS === undefined) return;
    mkdirSync(SHOTS, { recursive: true });
    await this.page.screenshot({ path: path.join(SHOTS, `${name}-${this.theme}-${this.width}.png`), fullPage: true });
  }

  close(): Promise<void> {
    return this.context.close();
  }
}
