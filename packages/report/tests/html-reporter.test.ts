import { describe, expect, it } from '@jest/globals';
import type { PageData } from '../src/html/client/page-data.ts';
import { htmlReporter } from '../src/html-reporter.ts';
import { drawnRun, shared } from './drawn-run.ts';

const base = drawnRun({ detectors: ['ReAct', 'MSP'], sets: ['sun'], width: 2 });

/** A run that says where things lie in every place where others may write something. */
function run() {
  const variables = { DATA: '/srv/ada lovelace/data', WHO: 'hunter2', T: '17', EMPTY: '' };
  const failed = [
    {
      detector: 'Mine',
      code: 'OOD_DETECTOR_FAILED',
      message: 'cannot read "/home/ada b/secret dir/x.npy" at /opt/own/run.mjs:3:1, see file:///opt/own/other.mjs',
    },
    {
      detector: 'hunter2 MSP',
      code: 'OOD_SHAPE',
      message: 'Windows: C:\\Users\\ada\\x.npy and \\\\server\\share\\y.npy',
    },
  ];
  const experiment = {
    name: 'of hunter2',
    backbone: { resnet50: { weights: '/srv/ada lovelace/data/models/net.pth' } },
    datasets: { sun: { 'image-folder': { path: '/mnt/other disk/sun' } } },
    detectors: { MSP: [{ odin: { temperature: 17, magnitude: '17' } }] },
    plugins: ['/home/ada lovelace/my plugins/my-scorer.ts'],
    store: '/var/store',
  };
  const unreadable = [
    {
      image: 'a.jpg',
      reason: "ENOENT: no such file, open '/mnt/gone dir/a.jpg', below /home/ada lovelace/my plugins/x.mjs",
    },
  ];
  const results = {
    ...base.results,
    name: 'of hunter2',
    remarks: ['val: /srv/ada lovelace/data/val/x leads out of the folder; /opt/own/net.pth holds other weights'],
    overlaps: [
      {
        sets: [
          { dataset: 'val', role: 'id' },
          { dataset: 'of hunter2', role: 'ood' },
        ] as const,
        images: 1,
        example: '/home/ada/photos/a.jpg',
      },
    ],
    duplicates: [{ dataset: 'of hunter2', images: 1, example: '/home/ada/photos/b.jpg' }],
    variables,
    experiment,
    failed,
    datasets: { ...base.results.datasets, sun: { ...base.results.datasets.sun!, unreadable } },
  };
  const sections = [
    {
      title: 'by hunter2',
      blocks: [
        { text: 'from /home/ada/notes' },
        {
          heads: ['/home/x'],
          rows: [
            ['/home/ada/y', 1],
            [1, '/home/ada/z'],
          ],
        },
      ],
    },
  ];
  return { results, data: { ...base.data, sections } };
}

const secrets = [
  '/srv',
  'lovelace',
  'hunter2',
  '/home',
  '/mnt',
  '/opt/',
  '/var',
  'secret dir',
  'my plugins',
  'gone dir',
  'other disk',
  'Users',
  'server\\',
  'file:',
];

describe('a report that is passed on', () => {
  it('holds no value of a variable and no absolute path', async () => {
    const { results, data } = run();
    const page = await htmlReporter.render(results, data, shared);
    expect(secrets.filter((secret) => page.includes(secret))).toEqual([]);
  });

  it('shows what was written instead, and the last part of paths', async () => {
    const { results, data } = run();
    const page = await htmlReporter.render(results, data, shared);
    for (const shown of [
      'of ${WHO}',
      '${DATA}/models/net.pth',
      '…/sun',
      '…/x.npy',
      '…/run.mjs:3:1',
      '…/my-scorer.ts',
      'by ${WHO}',
      '…/notes',
    ])
      expect(page).toContain(shown);
    expect(page).toMatch(/temperature: \$\{T\}\s+magnitude: \$\{T\}/);
    expect(page).toContain('data:image/jpeg;base64,/9j/');
  });

  it('holds no value that became the end of a path', async () => {
    const { results, data } = run();
    const variables = {
      A: './kept-secret',
      B: 'other-secret/',
      C: '../up/third-secret//',
      D: 'last-secret',
      E: '..',
      F: './',
    };
    const root = (name: string) => ({ 'image-folder': { root: `/home/ada/${name}` } });
    const datasets = {
      a: root('kept-secret'),
      b: root('other-secret'),
      c: root('up/third-secret'),
      d: root('last-secret'),
    };
    const page = await htmlReporter.render({ ...results, variables, experiment: { datasets } }, data, shared);
    expect(page.match(/\w+-secret/g)).toBeNull();
    for (const name of ['A', 'B', 'C', 'D']) expect(page).toContain(`\${${name}}`);
  });

  it('keeps the words of the format, whatever a variable says', async () => {
    const { results, data } = run();
    const words = ['id', 'ood', 'auroc', 'higher', 'average', 'parts', 'blocks', 'charts', 'bands', 'mistakes'];
    const variables = Object.fromEntries(words.map((word, index) => [`V${index}`, word]));
    const page = await htmlReporter.render({ ...results, variables }, data, shared);
    expect(page).toContain('AUROC ↑');
    expect(page).toContain('val, 1,000 images');
    expect(page).toContain('var(--ood)');
    expect(page).toContain('aria-label="sun, units: ');
  });

  it('knows a group by the name that it shows', async () => {
    const { results, data } = run();
    const of = { detector: results.results[0]!.detector, metric: 'auroc', value: 0.5 };
    const grouped = {
      ...results,
      groups: { '/home/ada/near': ['/mnt/other disk/sun'] },
      results: [...results.results, { ...of, ood: '/home/ada/near' }],
    };
    const page = await htmlReporter.render(grouped, data, shared);
    expect(page).toContain('<button type="button">…/near</button>');
    expect(page).toContain('…/near is the mean over …/sun.');
  });

  it('knows what was tested, chosen and measured by the names that it shows', async () => {
    const { results } = run();
    const name = '/home/ada/my detector';
    const cell = (detector: string, value: number) => ({ detector, ood: '/mnt/sun', metric: 'auroc', value });
    const tested = {
      ...results,
      results: [cell(name, 0.9), cell('MSP', 0.8)],
      families: { [name]: 'maps', MSP: 'logits' } as const,
      costs: { detectors: { [name]: 5, MSP: 1 } },
      paired: [
        { metric: 'auroc', ood: '/mnt/sun', method: 'delong', detectors: [name, 'MSP'], standardErrors: [0.01] },
      ] as const,
      classesRejected: { [name]: { share: 0.05, tested: 2, named: [] } },
      chosen: {
        [name]: { row: name, values: { k: '/home/ada/bank' }, by: 'auroc', id: ['/home/v'], ood: [], points: [] },
      },
    };
    const page = await htmlReporter.render(tested, base.data, shared);
    expect(secrets.filter((secret) => page.includes(secret))).toEqual([]);
    expect(page).toContain('…/my detector');
    const data = JSON.parse(/id="data">(.*?)<\/script>/.exec(page)![1]!) as PageData;
    expect(data.families).toEqual(['maps', 'logits']);
    expect(data.costs).toEqual([5, 1]);
    expect(data.metrics.find((metric) => metric.name === 'auroc')!.columns[0]).toMatchObject({
      rows: [0, 1],
      errors: [10_000],
    });
  });

  it('leaves addresses, fractions and relative names as they are', async () => {
    const { results, data } = run();
    const text = 'see https://example.org/a/b, and/or cat/1.png, 3 / 4, N/A';
    const page = await htmlReporter.render(
      results,
      { ...data, sections: [{ title: 'x', blocks: [{ text }] }] },
      shared,
    );
    expect(page).toContain(text);
  });

  it('shows everything when it is asked to', async () => {
    const { results, data } = run();
    const page = await htmlReporter.render(results, data, { full: true });
    for (const secret of ['/srv/ada lovelace/data/models/net.pth', 'hunter2', '/mnt/other disk/sun'])
      expect(page).toContain(secret);
  });
});
