import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, rmSync } from 'node:fs';
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

/** The page on which a detector scores what the reader drops on it. */
export const demonstrationPage = `# A detector in your browser

ReAct with energy, from the demonstration's run, as one ONNX file. Drop a photograph on the page below: it is scored in your browser and never leaves it.
The network knows twelve drawn shapes and nothing else, so it should refuse a photograph.

<iframe class="report" src="./demonstration/index.html" title="A detector in your browser" loading="lazy"></iframe>

<p><a href="./demonstration/index.html" target="_blank">Open it alone</a></p>

[Write such a page for your own detector](browser.md).
`;

/** Runs the experiments and puts their reports into a folder; then exports a detector of the first as a page beside it. */
export function makeReports(folder: string): void {
  const [reports, runs] = [path.join(folder, 'reports'), path.join(root, 'tmp/site-runs')];
  rmSync(runs, { recursive: true, force: true });
  mkdirSync(reports, { recursive: true });
  for (const [name] of shown) {
    farout(['run', `configs/${name}.yaml`, '--out', path.join(runs, name)]);
    copyFileSync(path.join(runs, name, 'report.html'), path.join(reports, `${name}.html`));
  }
  farout(['export', path.join(runs, 'demo'), '--detector', 'ReAct', '--page', path.join(folder, 'demonstration')]);
}

function farout(words: readonly string[]): void {
  const { status } = spawnSync(process.execPath, ['tools/start.mjs', ...words], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (status !== 0) throw new Error(`farout ${words.join(' ')} ended with ${status}`);
}
