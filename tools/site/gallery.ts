import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** The experiments whose reports are shown, and what each report shows. */
const shown = [
  [
    'demo',
    'Five detectors on the demonstration',
    'The report of `npm start`: which detector ranks first, and how certain that is.',
  ],
  ['demo-all', 'All detectors', 'Fifty detectors to sort and filter. Click a name to compare the others with it.'],
  [
    'demo-sweep',
    'A parameter chosen on noise',
    'How well each percentile of ReAct did on noise, before any test set was used.',
  ],
] as const;

/** The page that shows the reports. */
export const galleryPage = [
  '# Reports',
  'Each frame below shows the self-contained `report.html` of a run. It loads nothing from elsewhere.',
  ...shown.map(([name, title, says]) =>
    [
      `## ${title}`,
      says,
      `<iframe class="report" src="./reports/${name}.html" title="${title}" loading="lazy"></iframe>`,
      `<p><a href="./reports/${name}.html" target="_blank">Open in a new tab</a></p>`,
    ].join('\n\n'),
  ),
]
  .join('\n\n')
  .concat('\n');

/** Runs the experiments and puts their reports into a folder. */
export function makeReports(folder: string): void {
  mkdirSync(folder, { recursive: true });
  for (const [name] of shown) {
    const out = path.join(root, 'tmp/site-runs', name);
    const words = ['tools/start.mjs', 'run', `configs/${name}.yaml`, '--out', out];
    const { status } = spawnSync(process.execPath, words, { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] });
    if (status !== 0) throw new Error(`configs/${name}.yaml ended with ${status}`);
    copyFileSync(path.join(out, 'report.html'), path.join(folder, `${name}.html`));
  }
}
