import { readFileSync } from 'node:fs';
import { defineConfig } from 'vitepress';

const sidebar = JSON.parse(readFileSync(new URL('sidebar.json', import.meta.url), 'utf8'));
const start = ({ items, link }) => link ?? start(items[0]);

/** Heading anchors like those of GitHub: links in docs work on both. */
const slugify = (heading) =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');

export default defineConfig({
  title: 'farout',
  description: 'Compares out-of-distribution detectors from one YAML file',
  lang: 'en',
  // An empty icon; otherwise browsers would request one.
  head: [['link', { rel: 'icon', href: 'data:,' }]],
  markdown: { anchor: { slugify }, headers: { slugify }, toc: { slugify } },
  themeConfig: {
    nav: sidebar.map((group) => ({ text: group.text, link: start(group) })),
    sidebar,
    outline: { level: [2, 3] },
    search: { provider: 'local' },
    docFooter: { prev: 'Before', next: 'Next' },
  },
});
