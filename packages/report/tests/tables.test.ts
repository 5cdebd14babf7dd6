import { describe, expect, it } from '@jest/globals';
import { compareRuns } from '../src/compare-runs.ts';
import { htmlReporter } from '../src/html-reporter.ts';
import { latexReporter } from '../src/latex-reporter.ts';
import { markdownTable } from '../src/markdown-reporter.ts';
import { bestDetector, standing } from '../src/standing.ts';
import { terminalTable } from '../src/terminal.ts';
import { nothingDrawn, shared } from './drawn-run.ts';
import { auroc, dataset, finishedRun, fpr95, fpr95OodPositive, measured } from './finished-run.ts';

const plain = { colour: false, width: 100 };

/** Everything that is made of a run for people to look at. */
async function allOf(run: ReturnType<typeof finishedRun>): Promise<Record<string, string>> {
  return {
    terminal: terminalTable(run, plain),
    markdown: markdownTable(run),
    latex: await latexReporter.render(run, nothingDrawn, shared),
    html: await htmlReporter.render(run, nothingDrawn, shared),
    // Runs that agree on everything are one row a detector.
    compare: compareRuns(
      ['a', 'b'].map((name) => ({ name, results: run })),
      plain,
    ),
  };
}

/** The detectors that are marked in a column of one set, in each form. */
const marks: Record<string, RegExp> = {
  terminal: /\d\*/g,
  markdown: /\*\*\d+\.\d\d\*\*/g,
  latex: /\\textbf/g,
  html: /class="best"/g,
  compare: /\d\*/g,
};

const sized = (id: number, sun: number, places = 1000) =>
  finishedRun({
    accuracy: null,
    metrics: [auroc],
    results: measured('auroc', {
      MSP: { sun: 0.8, places: 0.7, average: 0.75 },
      Energy: { sun: 0.9, places: 0.6, average: 0.75001 },
      ReAct: { sun: 0.7, places: 0.9, average: 0.8 },
    }),
    datasets: { photographs: dataset('id', id), sun: dataset('ood', sun), places: dataset('ood', places) },
  });

const counts = (texts: Record<string, string>) =>
  Object.fromEntries(Object.entries(texts).map(([form, text]) => [form, text.match(marks[form]!)?.length ?? 0]));
const every = (count: number) => ({ terminal: count, markdown: count, latex: count, html: count, compare: count });

describe('the best of a column, in every form', () => {
  it('is marked where every set has 100 images', async () => {
    expect(counts(await allOf(sized(100, 100, 100)))).toEqual(every(3));
  });

  it('is marked nowhere where the ID set has fewer, and the page calls nobody best', async () => {
    const texts = await allOf(sized(99, 1000));
    expect(counts(texts)).toEqual(every(0));
    for (const text of Object.values(texts)) {
      expect(text).toContain('No best is marked where a set has fewer than 100 images');
      expect(text).toContain('photographs has 99');
    }
    expect(texts.html).not.toMatch(/ranks first by AUROC, (?:averaged|on sun)/);
    expect(texts.terminal).not.toContain('marks the best');
  });

  it('is marked neither on an OOD set that has fewer nor on the average with it, but on the others', async () => {
    const texts = await allOf(sized(1000, 60));
    expect(counts(texts)).toEqual(every(1));
    for (const text of Object.values(texts)) expect(text).toContain('sun has 60');
    expect(texts.html).not.toMatch(/ranks first by AUROC, (?:averaged|on sun)/);
  });

  it('is marked of a group where its own sets have 100 images, whatever the others have', () => {
    const run = sized(1000, 60);
    const cells = measured('auroc', { MSP: { small: 0.6, large: 0.5 }, Energy: { small: 0.7, large: 0.6 } });
    const groups = { small: ['sun'], large: ['places'] };
    const text = markdownTable({ ...run, groups, results: [...run.results, ...cells] });
    expect(text).toMatch(/\| +sun \| +places \| +small \| +large \| +average \|/);
    // Energy's row: ReAct is best on places and over all, and has no number for the groups.
    expect(text).toMatch(/^\| Energy +\| +90\.00 \| +60\.00 \| +70\.00 \| +\*\*60\.00\*\* \|/m);
  });

  it('counts the images that could be read', () => {
    const run = sized(100, 1000);
    const unreadable = [{ image: 'a.jpg', reason: 'it ends early' }];
    const datasets = { ...run.datasets, photographs: { ...dataset('id', 100), unreadable } };
    expect(terminalTable({ ...run, datasets }, plain)).toContain('photographs has 99');
  });

  it('goes to all whose numbers print alike, and names them', async () => {
    const results = measured('auroc', { A: { sun: 0.900004 }, B: { sun: 0.900001 }, C: { sun: 0.5 } });
    const texts = await allOf(finishedRun({ metrics: [auroc], results }));
    expect(counts(texts)).toEqual(every(2));
    for (const text of Object.values(texts)) {
      expect(text).toContain('Equal to the last digit, and all marked: AUROC on sun (A and B).');
    }
  });

  it('goes to nobody where all numbers are equal, and says so', async () => {
    const results = measured('auroc', { A: { sun: 0.9 }, B: { sun: 0.9 } });
    const texts = await allOf(finishedRun({ metrics: [auroc], results }));
    expect(counts(texts)).toEqual(every(0));
    for (const text of Object.values(texts)) {
      expect(text).toContain('All numbers equal, and none marked: AUROC on sun.');
    }
  });

  it('goes to no detector that gave all images the same score, and names it', async () => {
    const results = measured('auroc', { MSP: { sun: 0.9 }, Flat: { sun: 0.95 }, Energy: { sun: 0.8 } });
    const texts = await allOf(finishedRun({ metrics: [auroc], results, constant: ['Flat'] }));
    expect(counts(texts)).toEqual(every(1));
    for (const text of Object.values(texts)) expect(text).toContain('Flat gave all images the same score');
  });

  it('spells out four columns and counts the rest', () => {
    const sets = Object.fromEntries(['a', 'b', 'c', 'd', 'e', 'f'].map((set) => [set, 0.5]));
    const run = finishedRun({ metrics: [auroc], results: measured('auroc', { A: sets, B: sets }) });
    expect(terminalTable(run, plain)).toContain('AUROC on c; AUROC on d; 2 more columns.');
  });
});

describe('the best of a comparison', () => {
  it('is marked by the smaller set of two of one name', () => {
    const [large, small] = [sized(1000, 1000), sized(1000, 60)];
    const text = compareRuns(
      [
        { name: 'a', results: large },
        { name: 'b', results: small },
      ],
      plain,
    );
    expect(text).toContain('sun has 60');
    expect(text.match(/\d\*/g)).toHaveLength(1);
  });
});

describe('FPR95 of few images', () => {
  const few = (id: number, ood: number) => {
    const metrics = [fpr95, fpr95OodPositive];
    return terminalTable(
      finishedRun({
        metrics,
        results: metrics.flatMap(({ name }) => measured(name, { A: { sun: 0.1 } })),
        datasets: { known: dataset('id', id), sun: dataset('ood', ood) },
      }),
      plain,
    );
  };

  // By hand: the threshold is the score at index round(0.05 N), halves to the even index, counted from 0.
  it.each([
    [7, '100.00'],
    [10, '100.00'],
    [11, '90.91'],
    [19, '94.74'],
  ])('says at which share of %i ID images it is taken', (images, share) => {
    expect(few(images, 500)).toContain(
      `FPR95, ID positive: of the ${images} images of known, ${share} % reach the threshold.`,
    );
  });

  it('says so of OOD sets where OOD is positive', () => {
    expect(few(500, 7)).toContain('FPR95, OOD positive: of the 7 images of sun, the threshold rejects 100.00 %.');
  });

  it('says nothing of the kind from 20 images on', () => {
    expect(few(20, 20)).not.toMatch(/of the 20 images/);
  });
});

const averages = (...values: number[]) =>
  measured('auroc', Object.fromEntries(values.map((average, i) => [`D${i}`, { sun: average, average }])));

/** The page's first sentence, without markup. */
async function headline(run: ReturnType<typeof finishedRun>): Promise<string | undefined> {
  const page = await htmlReporter.render(run, nothingDrawn, shared);
  const shown = page.split(/<div\s+class="finding"/).find((each) => /^[^>]*data-column="\d+"\s*>/.test(each));
  return /<p>([\s\S]*?)<\/p>/
    .exec(shown ?? '')?.[1]!
    .replace(/<[^>]+>/g, '')
    .replace(/\s+/g, ' ')
    .trim();
}

describe('the standing of detectors', () => {
  it('is by the metric that the experiment names first, the lowest average first where lower is better', async () => {
    expect(bestDetector(finishedRun())).toBe('Energy');
    expect(await headline(finishedRun())).toBe(
      'Energy ranks first by FPR95, ID positive, averaged over the OOD sets (lower is better): 45.00 %, followed by MSP with 52.81 %.',
    );
  });

  it('has the highest first where higher is better', async () => {
    const run = finishedRun({ metrics: [auroc], results: averages(0.5, 0.9, 0.7) });
    expect(standing(run)!.ranked.map(({ detector }) => detector)).toEqual(['D1', 'D2', 'D0']);
    expect(await headline(run)).toBe(
      'D1 ranks first by AUROC, on sun (higher is better): 90.00 %, followed by D2 with 70.00 %.',
    );
  });

  it('is none of one detector alone, or where none came to scores', () => {
    expect(standing(finishedRun({ metrics: [auroc], results: averages(0.5) }))).toBeUndefined();
    expect(standing(finishedRun({ results: [] }))).toBeUndefined();
  });

  it('leaves out what gave all images the same score', () => {
    const run = finishedRun({ metrics: [auroc], results: averages(0.5, 0.9, 0.7), constant: ['D1'] });
    expect(bestDetector(run)).toBe('D2');
  });

  it('leaves out what has many ID images at the very threshold of FPR95', async () => {
    const results = measured('fpr95', { MSP: { sun: 0, average: 0 }, A: { sun: 0.5, average: 0.5 } });
    const others = measured('fpr95', { B: { sun: 0.6, average: 0.6 } });
    const run = finishedRun({ results: [...results, ...others], tied: { MSP: 0 } });
    expect(await headline(run)).toMatch(/^A ranks first by FPR95, ID positive, on sun/);
  });

  it('names all that share the first place', async () => {
    const run = finishedRun({ metrics: [auroc], results: averages(0.900001, 0.9, 0.5) });
    expect(bestDetector(run)).toBeUndefined();
    expect(await headline(run)).toBe('D0 and D1 share first place by AUROC, on sun (higher is better): 90.00 %.');
  });

  it('has no first where all are equal', async () => {
    expect(await headline(finishedRun({ metrics: [auroc], results: averages(0.9, 0.9) }))).toBe(
      'No detector ranks first by AUROC, on sun (higher is better): all have 90.00 %.',
    );
  });

  it('calls nobody first where a set is small', async () => {
    const datasets = { known: dataset('id', 1000), sun: dataset('ood', 99) };
    const run = finishedRun({ metrics: [auroc], results: averages(0.5, 0.9), datasets });
    expect(bestDetector(run)).toBeUndefined();
    expect(await headline(run)).toBe(
      'No best is marked where a set has fewer than 100 images, because first place is then chance (sun has 99).',
    );
  });

  it('counts the images of several ID sets together', async () => {
    const run = (images: number) =>
      finishedRun({
        metrics: [auroc],
        results: averages(0.5, 0.9),
        datasets: { known: dataset('id', images), more: dataset('id', 60), sun: dataset('ood', 1000) },
      });
    expect(await headline(run(40))).toMatch(/^D1 ranks first/);
    expect(await headline(run(39))).toMatch(/\(known, more has 99\)\.$/);
  });
});
