import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Experiments whose reports are shown, and what a reader sees in each. */
const shown = [
  ['demo', 'Five detectors on the demonstration', 'The report of `npm start`: who ranks first and how sure that is.'],
  ['demo-all', 'All detectors', 'Fifty detectors, sorted and filtered; click a name to compare the others with it.'],
  ['demo-sweep', 'A parameter chosen on noise', 'What each percentile of ReAct was worth, before the test was seen.'],
] as const;

/** The page that shows the reports. */
export const galleryPage = [
  '# Reports',
  'Each of these is the one file that a run writes, `report.html`, in a frame. Nothing is loaded from elsewhere.',
  ...shown.map(([name, title, says]) =>
    [
      `## ${title}`,
      says,
      `<iframe class="report" src="./reports/${name}.html" title="${title}" loading="lazy"></iframe>`,
      `<p><a href="./reports/${name}.html" target="_blank">Open it alone</a></p>`,
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
