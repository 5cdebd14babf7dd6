import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { commands } from '../../packages/cli/src/commands.ts';

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
