import { readFileSync } from 'node:fs';
import { defineConfig } from 'vitepress';

const sidebar = JSON.parse(readFileSync(new URL('sidebar.json', import.meta.url), 'utf8'));
const start = ({ items, link }) => link ?? start(items[0]);

/** The anchors of headings, as GitHub makes them: links in docs are written for both. */
const slugify = (heading) =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');

export default defineConfig({
  title: 'farout',
  description: 'Compares out-of-distribution detectors from one YAML file',
  lang: 'en',
  // No icon: browsers would ask for one.
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
