import { existsSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { documents, pathOf, textOf } from './fenced-blocks.ts';

/** Links whose text is a name in code and that lead to a source: `` [`extract`](../packages/…/extract.ts) ``. */
const named = documents.flatMap((document) =>
  [...textOf(document).matchAll(/\[`(\w+)`\]\(([^)#]+\.ts)\)/g)].map(([, name, link]) => ({
    document,
    name: name!,
    file: path.posix.join(path.posix.dirname(document), link!),
  })),
);
const ofTour = named.filter(({ document }) => document === 'docs/tour.md');

/** Whether a source declares something of this name for others. */
const declares = (file: string, name: string) =>
  new RegExp(`^export (?:async )?(?:function\\*?|class|const|interface|type) ${name}\\b`, 'm').test(textOf(file));

describe('a name that leads to a source', () => {
  it.each(named)('is exported there: $name in $file, of $document', ({ name, file }) => {
    expect(existsSync(pathOf(file))).toBe(true);
    expect(declares(file, name)).toBe(true);
  });

  it('is told from one that the source does not export', () => {
    expect(declares('packages/runner/src/run-experiment.ts', 'runExperiment')).toBe(true);
    expect(declares('packages/runner/src/run-experiment.ts', 'runExperimen')).toBe(false);
    expect(declares('packages/runner/src/run-experiment.ts', 'openAll')).toBe(false);
  });
});

describe('docs/tour.md', () => {
  it('leads through the stages in the order in which the run has them', () => {
    const stages = textOf('packages/runner/src/run-experiment.ts');
    const called = ['openAll', 'prepareDetectors', 'score(', 'measured(', 'collectResults'].map((name) =>
      stages.indexOf(name, stages.indexOf('export async function findResults')),
    );
    expect(called).toEqual([...called].sort((a, b) => a - b));
    const told = ['openBackbone', 'prepareDetectors', 'extract', 'advance', 'planScores', 'evaluate', 'collectResults'];
    const places = told.map((name) => ofTour.findIndex((each) => each.name === name));
    expect(places).not.toContain(-1);
    expect(places).toEqual([...places].sort((a, b) => a - b));
  });
});
