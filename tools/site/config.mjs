import { readFileSync } from 'node:fs';
import { defineConfig } from 'vitepress';

const sidebar = JSON.parse(readFileSync(new URL('sidebar.json', import.meta.url), 'utf8'));
const start = ({ items, link }) => link ?? start(items[0]);

/** Builds heading anchors as GitHub does, so that links in the docs work in both places. */
const slugify = (heading) =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');

/** Turns empty header cells into data cells: a screen reader announces a header, and finds nothing to say. */
function plainCorners(md) {
  md.core.ruler.push('plain-corners', ({ tokens }) => {
    tokens.forEach((token, i) => {
      if (token.type === 'th_open' && tokens[i + 1].content === '') token.tag = tokens[i + 2].tag = 'td';
    });
  });
}

export default defineConfig({
  title: 'farout',
  description: 'Compares out-of-distribution detectors from one YAML file',
  lang: 'en',
  // An empty icon keeps browsers from requesting one.
  head: [['link', { rel: 'icon', href: 'data:,' }]],
  markdown: { anchor: { slugify }, headers: { slugify }, toc: { slugify }, config: plainCorners },
  themeConfig: {
    nav: sidebar.map((group) => ({ text: group.text, link: start(group) })),
    sidebar,
    outline: { level: [2, 3] },
    search: { provider: 'local' },
    docFooter: { prev: 'Previous', next: 'Next' },
  },
});
