import { cp, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { demonstrationPage, galleryPage, makeReports } from './gallery.ts';
import { sidebar } from './outline.ts';
import { sourcePages } from './pages.ts';
import { referencePages } from './reference.ts';

const here = (file: string) => fileURLToPath(new URL(file, import.meta.url));
/** The folder for pages during the build. Inside the repository, so that VitePress finds Vue. */
const workFolder = here('../../tmp/site');

/** How to build the site. */
export interface SiteOptions {
  /** Whether to run experiments for the gallery of reports and the detector in the browser; otherwise both pages are omitted. */
  readonly gallery: boolean;
}

/**
 * Builds the documentation site into a folder, replacing it. Pages work under any path and offline, and can be read without JavaScript.
 */
export async function buildSite(to: string, { gallery }: SiteOptions): Promise<void> {
  await rm(workFolder, { recursive: true, force: true });
  const pages = new Map([...(await sourcePages()), ...(await referencePages())]);
  if (gallery) pages.set('gallery.md', galleryPage).set('demonstration.md', demonstrationPage);
  for (const [file, text] of pages) await write(file, text);
  const images = (await readdir(here('../../docs'))).filter((file) => /\.(png|svg)$/.test(file));
  for (const file of images) await cp(here(`../../docs/${file}`), path.join(workFolder, file));
  await cp(here('theme'), path.join(workFolder, '.vitepress/theme'), { recursive: true });
  await cp(here('config.mjs'), path.join(workFolder, '.vitepress/config.mjs'));
  await write('.vitepress/sidebar.json', JSON.stringify(sidebar(pages)));
  if (gallery) makeReports(path.join(workFolder, 'public'));
  await rm(to, { recursive: true, force: true });
  const { build } = await import('vitepress');
  await build(workFolder, { base: './', outDir: to });
}

async function write(file: string, text: string): Promise<void> {
  const target = path.join(workFolder, file);
  await mkdir(path.dirname(target), { recursive: true });
  await writeFile(target, text);
}
