import path from 'node:path';

/** An entry of the sidebar: a page, or a group of entries. */
export interface Entry {
  readonly text: string;
  readonly link?: string;
  readonly items?: readonly Entry[];
  readonly collapsed?: boolean;
}

/** The order in which readers need the pages: what they want to do, then what they look up. A page that is not built is left out. */
const outline: readonly (readonly [title: string, pages: readonly string[]])[] = [
  [
    'Guide',
    [
      'guide/first-run.md',
      'guide/own-images.md',
      'guide/own-classifier.md',
      'guide/choosing.md',
      'plugins.md',
      'guide/comparing.md',
      'devices.md',
      'guide/coming-from.md',
      'guide/faq.md',
      'gallery.md',
    ],
  ],
  [
    'Deployment',
    ['deploy.md', 'calibrate.md', 'browser.md', 'serve.md', 'watch.md', 'production.md', 'cluster.md', 's3.md'],
  ],
  [
    'Reference',
    [
      'experiment.md',
      'reference/commands.md',
      'reference/scorers.md',
      'reference/hooks.md',
      'reference/backbones.md',
      'reference/datasets.md',
      'reference/metrics.md',
      'detectors.md',
      'datasets.md',
      'errors.md',
      'versions.md',
    ],
  ],
  ['Measured', ['photographs.md', 'measurements.md']],
  ['Developers', ['architecture.md', 'tour.md', 'readme.md']],
];

/** The sidebar of a site with these pages, by their titles. */
export function sidebar(pages: ReadonlyMap<string, string>): readonly Entry[] {
  const groups = outline.map(([text, files]) => ({
    text,
    items: files.filter((file) => pages.has(file)).map((file) => entryOf(file, pages)),
  }));
  const inside = (folder: string) =>
    [...pages.keys()].filter((file) => file.startsWith(`${folder}/`)).map((file) => entryOf(file, pages));
  const developers = [
    { text: 'Decisions', items: inside('decisions'), collapsed: true },
    { text: 'Packages', items: inside('packages'), collapsed: true },
    { text: 'Exports', items: inside('api'), collapsed: true },
  ].filter(({ items }) => items.length > 0);
  return groups.map((group) =>
    group.text === 'Developers' ? { ...group, items: [...group.items, ...developers] } : group,
  );
}

const entryOf = (file: string, pages: ReadonlyMap<string, string>): Entry => ({
  text: titleOf(pages.get(file)!) ?? path.basename(file, '.md'),
  link: `/${file.replace(/\.md$/, '')}`,
});

/** The heading of a page, without its marks. */
const titleOf = (text: string) => /^# (.+)$/m.exec(text)?.[1]?.replaceAll(/[`*]/g, '');
