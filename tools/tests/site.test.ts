import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { chromium, type Browser, type Page } from 'playwright-core';
import { commands } from '../../packages/cli/src/commands.ts';
import { axeViolations } from '../../packages/cli/tests/axe.ts';
import { chromiumFile } from '../../packages/cli/tests/chromium-file.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'farout-site-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let pages: ReadonlyMap<string, string>;

beforeAll(() => {
  // In a process of its own: what the bundler keeps open ends with it.
  const words = [fileURLToPath(new URL('../site.mjs', import.meta.url)), folder, '--no-gallery'];
  const { status, stderr } = spawnSync(process.execPath, words, { encoding: 'utf8' });
  expect({ status, stderr: status === 0 ? '' : stderr }).toEqual({ status: 0, stderr: '' });
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.html'));
  pages = new Map(files.map((file) => [file, readFileSync(path.join(folder, file), 'utf8')]));
});

const attributes = (html: string, name: string) =>
  [...html.matchAll(new RegExp(`\\s${name}="([^"]*)"`, 'g'))].map(([, value]) => value!.replaceAll('&amp;', '&'));

/** What is wrong with a link of a page: its file or its heading is not there. */
function faultIn(page: string, link: string): string | undefined {
  const [file, anchor] = link.split('#') as [string, string?];
  const target = file === '' ? page : path.posix.join(path.posix.dirname(page), decodeURIComponent(file));
  if (!existsSync(path.join(folder, target))) return `${page}: ${link}`;
  if (anchor === undefined || anchor === '') return undefined;
  return attributes(pages.get(target)!, 'id').includes(decodeURIComponent(anchor)) ? undefined : `${page}: ${link}`;
}

const isElsewhere = (link: string) => /^(https?|data|mailto):/.test(link);

describe('the documentation site', () => {
  it('has a page for every command, part, key and error that a reader looks up', () => {
    for (const { name } of commands) expect(pages.get('reference/commands.html')).toContain(`id="farout-${name}"`);
    for (const part of ['energy', 'odin', 'knn']) expect(pages.get('reference/scorers.html')).toContain(`id="${part}"`);
    expect(pages.get('reference/hooks.html')).toContain('id="react"');
    expect(pages.get('errors.html')).toContain('OOD_UNKNOWN_SCORER');
  });

  it('can be read without JavaScript', () => {
    expect(pages.get('guide/first-run.html')).toContain('accepts 95 % of the ID images');
    expect(pages.get('index.html')).toContain('href="./guide/own-images.html"');
  });

  it('leads to what is there, with every link of every page', () => {
    const faults = [...pages].flatMap(([page, html]) =>
      [...new Set([...attributes(html, 'href'), ...attributes(html, 'src')])]
        .filter((link) => link !== '' && !isElsewhere(link))
        .map((link) => faultIn(page, link)),
    );
    expect(faults.filter((fault) => fault !== undefined)).toEqual([]);
  });

  it('works under any path and loads nothing from elsewhere', () => {
    for (const html of pages.values()) {
      const loaded = [
        ...attributes(html, 'src'),
        ...[...html.matchAll(/<link [^>]*href="([^"]*)"/g)].map(([, to]) => to!),
      ];
      expect(loaded.filter((link) => link.startsWith('/') || /^https?:/.test(link))).toEqual([]);
    }
  });
});

/** Where the site lies on its server: it must not matter. */
const base = '/some/where/';
const types: Readonly<Record<string, string>> = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css' };

/** A static server, as any other. */
function serveFolder(): Promise<Server> {
  const server = createServer(({ url = '' }, response) => {
    const file = path.join(folder, decodeURIComponent(url.replace(base, '').split(/[?#]/)[0]!) || 'index.html');
    if (!url.startsWith(base) || !existsSync(file)) response.writeHead(404).end();
    else response.writeHead(200, { 'content-type': types[path.extname(file)] ?? 'image/png' }).end(readFileSync(file));
  });
  return new Promise((resolve) => void server.listen(0, '127.0.0.1', () => resolve(server)));
}

(chromiumFile ? describe : describe.skip)('the site in Chromium (skipped where there is none)', () => {
  const screenshots = process.env.FAROUT_SCREENSHOTS;
  let server: Server;
  let browser: Browser;
  /** What the console had to say, and what was asked of other servers. */
  let complaints: string[];

  beforeAll(async () => {
    if (screenshots) mkdirSync(screenshots, { recursive: true });
    server = await serveFolder();
    browser = await chromium.launch({ executablePath: chromiumFile!, args: ['--no-sandbox'] });
  });
  afterAll(async () => {
    await browser.close();
    server.close();
  });

  async function open(file: string, width: number, colorScheme: 'light' | 'dark'): Promise<Page> {
    const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme });
    const page = await context.newPage();
    complaints = [];
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('request', (request) => {
      if (!/^(data|blob):/.test(request.url()) && !request.url().startsWith(origin)) complaints.push(request.url());
    });
    await page.goto(`${origin}${base}${file}`, { waitUntil: 'networkidle' });
    return page;
  }

  it.each([
    ['index.html', 1400, 'light'],
    ['guide/first-run.html', 390, 'light'],
    ['reference/scorers.html', 1400, 'dark'],
    ['errors.html', 390, 'dark'],
  ] as const)(
    '%s at %i pixels, %s: fits the window, complains of nothing, and passes axe',
    async (file, width, scheme) => {
      const page = await open(file, width, scheme);
      if (screenshots) await page.screenshot({ path: path.join(screenshots, `${path.basename(file)}-${width}.png`) });
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
      const violations = await axeViolations(page);
      expect([violations, complaints]).toEqual([[], []]);
      await page.context().close();
    },
  );

  it('is searched without asking another server', async () => {
    const page = await open('index.html', 1400, 'light');
    await page.getByRole('button', { name: 'Search' }).click();
    await page.locator('input[type=search]').fill('OOD_UNKNOWN_SCORER');
    await page.locator('[role=option] a').first().click();
    await page.waitForURL(/errors\.html#/);
    expect(complaints).toEqual([]);
    await page.context().close();
  });
});
