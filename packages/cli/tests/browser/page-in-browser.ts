import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { pageFiles } from '@farout/web/page-files';
import { chromium, type Browser, type Page } from 'playwright-core';
import { chromiumFile } from '../chromium-file.ts';

const build = fileURLToPath(new URL('../../../../tools/page.mjs', import.meta.url));
const contentTypes: Readonly<Record<string, string>> = {
  ...{ '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css' },
  ...{ '.wasm': 'application/wasm', '.svg': 'image/svg+xml' },
};

/** The page as the sources make it, on a server of static files below a base path, and a browser. */
export class Site {
  readonly #server: Server;
  readonly #browser: Browser;
  /** All that was asked for, and what pages complained of. */
  readonly asked: string[] = [];
  readonly complaints: string[] = [];

  private constructor(server: Server, browser: Browser) {
    this.#server = server;
    this.#browser = browser;
  }

  static async open(more: Readonly<Record<string, Uint8Array>>): Promise<Site> {
    execFileSync(process.execPath, [build]);
    const files = new Map(Object.entries({ ...(await pageFiles()), ...more }));
    const server = createServer(({ url = '/' }, response) => {
      const name = url.replace('/some/base/', '') || 'index.html';
      const content = url.startsWith('/some/base/') ? files.get(name) : undefined;
      response.writeHead(content ? 200 : 404, { 'content-type': contentTypes[path.extname(name)] ?? 'image/png' });
      response.end(content);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new Site(server, await chromium.launch({ executablePath: chromiumFile!, args: ['--no-sandbox'] }));
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** The page, when its detector is loaded. */
  async visit(): Promise<Page> {
    const page = await this.#browser.newPage();
    page.on('request', (request) => this.asked.push(request.url()));
    page.on('console', (message) => this.complaints.push(message.text()));
    page.on('pageerror', ({ message }) => this.complaints.push(message));
    await page.addInitScript(() =>
      addEventListener('securitypolicyviolation', (event) => console.log(`${event.violatedDirective} violated`)),
    );
    await page.goto(`${this.origin}/some/base/`);
    await page.waitForSelector('#file:enabled', { state: 'attached', timeout: 120_000 });
    return page;
  }

  /** Lets a page choose files as a person does. */
  async choose(page: Page, files: Readonly<Record<string, Uint8Array>>): Promise<void> {
    const before = await page.locator('#shelf li').count();
    const given = Object.entries(files);
    await page.setInputFiles(
      '#file',
      given.map(([name, buffer]) => ({ name, mimeType: '', buffer: Buffer.from(buffer) })),
    );
    await page.waitForFunction(
      (count) => document.querySelectorAll('#shelf li').length === count,
      before + given.length,
      { timeout: 120_000 },
    );
  }

  async close(): Promise<void> {
    await this.#browser.close();
    this.#server.close();
  }
}
