import { expect, it } from '@jest/globals';
import { latexReporter } from '../src/latex-reporter.ts';
import { nothingDrawn } from './drawn-run.ts';
import { finishedRun, measured, withPublished } from './finished-run.ts';

it('writes a tabular with rules, the best in bold, published numbers in brackets', () => {
  expect(latexReporter.file).toBe('table.tex');
  expect(latexReporter.render(withPublished(), nothingDrawn)).toBe(
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

it('escapes what LaTeX would read as its own', () => {
  const results = measured('auroc', { 'a_b & 5 % {x} #1 $ \\input{y} ~^': { sun: 1 } });
  expect(latexReporter.render(finishedRun({ results }), nothingDrawn)).toContain(
    String.raw`a\_b \& 5 \% \{x\} \#1 \$ \textbackslash{}input\{y\} \textasciitilde{}\textasciicircum{} & 100.00 \\`,
  );
});
