import { describe, expect, it } from '@jest/globals';
import type { RunResults } from '@farout/core';
import { htmlReporter } from '../src/html-reporter.ts';
import { latexReporter } from '../src/latex-reporter.ts';
import { markdownTable } from '../src/markdown-reporter.ts';
import { terminalTable } from '../src/terminal.ts';
import { nothingDrawn, shared } from './drawn-run.ts';
import { finishedRun, measured, auroc } from './finished-run.ts';

/** WeiPer's numbers are means over five seeds. */
function overSeeds(): RunResults {
  const results = measured('auroc', { MSP: { sun: 0.9 }, WeiPer: { sun: 0.931 } }).map((cell) =>
    cell.detector === 'WeiPer' ? { ...cell, seeds: { count: 5, deviation: 0.0021 } } : cell,
  );
  return finishedRun({ metrics: [auroc], results });
}

const note = /After ± is the standard deviation over seeds \(n − 1\)[^.]*\. It is not an interval/;

describe('numbers over several seeds', () => {
  it('say so beside the number, and what stands behind ±, in every table', async () => {
    const markdown = markdownTable(overSeeds());
    expect(markdown).toMatch(/93\.10(\*\*)? ± 0\.21 \(5 seeds\) \|/);
    expect(markdown).toMatch(note);
    const latex = await latexReporter.render(overSeeds(), nothingDrawn, shared);
    expect(latex).toMatch(/93\.10\}? \{\\scriptsize .+0\.21 \(5 seeds\)\}/);
    expect(latex).toMatch(note);
    const terminal = terminalTable(overSeeds(), { colour: false, width: 100 });
    expect(terminal).toMatch(/93\.10\*?\s+± 0\.21 \(5 seeds\)/);
    expect(terminal.replace(/\n/g, ' ')).toMatch(note);
    const page = await htmlReporter.render(overSeeds(), nothingDrawn, shared);
    expect(page).toContain('± 0.21 (5 seeds)');
  });

  it('are not spoken of where there are none', () => {
    expect(markdownTable(finishedRun())).not.toContain('seeds');
  });
});
