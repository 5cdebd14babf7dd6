import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it } from '@jest/globals';
import { latexReporter } from '../src/latex-reporter.ts';
import { nothingDrawn, shared } from './drawn-run.ts';
import { finishedRun, measured, withPublished } from './finished-run.ts';

it('writes a tabular with rules, the best in bold, published numbers in brackets', () => {
  expect(latexReporter.file).toBe('table.tex');
  expect(latexReporter.render(withPublished(), nothingDrawn, shared)).toBe(
    String.raw`% Needs \usepackage{booktabs}. All numbers in percent.

\begin{tabular}{lr}
\toprule
FPR95, ID positive $\downarrow$ & sun \\
\midrule
MSP & 70.00 \\
ReAct & \textbf{25.00} (24.20) \\
\bottomrule
\end{tabular}
`,
  );
});

it('says in comments what must be known of the numbers, as the other tables do', async () => {
  const sets = [
    { dataset: 'photographs', role: 'fit' },
    { dataset: 'photographs', role: 'id' },
  ] as const;
  const run = finishedRun({
    overlaps: [{ sets, images: 1200, example: 'a.jpg' }],
    remarks: ['weights: two sets\n\\end{document}'],
    failed: [{ detector: 'Mine', code: 'OOD_SCORE_INVALID', message: 'gave NaN' }],
  });
  const text = await latexReporter.render(run, nothingDrawn, shared);
  const comments = text.split('\n').filter((line) => line.startsWith('%'));
  expect(comments.join('\n')).toContain('photographs is both the fit and the ID set');
  expect(comments.join('\n')).toContain('weights: two sets');
  expect(comments.join('\n')).toContain('Mine: gave NaN [OOD_SCORE_INVALID]');
  expect(text.split('\n').filter((line) => line.startsWith('\\end{document}'))).toEqual([]);
});

it('escapes what LaTeX would read as its own', () => {
  const results = measured('auroc', { 'a_b & 5 % {x} #1 $ \\input{y} ~^': { sun: 1 } });
  expect(latexReporter.render(finishedRun({ results }), nothingDrawn, shared)).toContain(
    String.raw`a\_b \& 5 \% \{x\} \#1 \$ \textbackslash{}input\{y\} \textasciitilde{}\textasciicircum{} & 100.00 \\`,
  );
});

/** Whether LaTeX and its booktabs are here; without them the test is skipped. */
const hasLatex = ['pdflatex --version', 'kpsewhich booktabs.sty'].every((line) => {
  const [program, ...words] = line.split(' ');
  return spawnSync(program!, words).status === 0;
});
const itWithLatex = hasLatex ? it : it.skip;

const names = [
  '[energy]',
  '*',
  '[1cm]',
  'a\\b',
  '\\\\',
  'a & b',
  '5 %',
  '#1',
  'under_score',
  '~tilde^hat',
  '$x$ {y} }{',
  '"quoted"',
  "`<<a>> ,,b,, ``c'' ?` !` --d---`",
  'a|b',
  'naïve Ünïcödé ß æ Ø ł ğ ő ș',
  'ε-greedy, Γ ≤ ∞ × 2',
  '日本語 🙂 Ж ﬁ ½',
  'line\nbreak\u202e\x1b[2J',
  '\ud800 half of a pair',
  '(r)2-4',
];

itWithLatex('compiles whatever detectors and sets are called', () => {
  const table = Object.fromEntries(
    names.map((name, i) => [name, Object.fromEntries(names.map((set) => [set, i / 100]))]),
  );
  const run = finishedRun({ metrics: [{ name: '[m]_%', better: 'higher' }], results: measured('[m]_%', table) });
  const folder = mkdtempSync(path.join(tmpdir(), 'farout-latex-'));
  try {
    writeFileSync(path.join(folder, 'table.tex'), latexReporter.render(run, nothingDrawn, shared) as string);
    writeFileSync(
      path.join(folder, 'paper.tex'),
      '\\documentclass{article}\\usepackage{booktabs}\\begin{document}\\input{table.tex}\\end{document}\n',
    );
    const { status, stdout } = spawnSync('pdflatex', ['-interaction=nonstopmode', '-halt-on-error', 'paper.tex'], {
      cwd: folder,
      encoding: 'utf8',
    });
    expect([status, stdout.split('\n').filter((line) => line.startsWith('!'))]).toEqual([0, []]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

it('lets no name begin a row as a setting of the row before, nor letters become others', () => {
  const rows = { '[energy]': { sun: 1 }, '*': { sun: 0.5 }, 'é a--b <c> "d" ε 日': { sun: 0.4 } };
  const text = latexReporter.render(finishedRun({ results: measured('auroc', rows) }), nothingDrawn, shared);
  expect(text).toContain('\n{[}energy{]} & ');
  expect(text).toContain('\n{*} & ');
  expect(text).toContain(
    String.raw`\'{e} a-{}-b \textless{}c\textgreater{} {\char34}d{\char34} $\epsilon$ \oodletter{日}{U+65E5} & `,
  );
});
