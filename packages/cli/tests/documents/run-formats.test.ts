import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readResults } from '@farout/report';
import { textOf } from './fenced-blocks.ts';
import { Workplace } from './workplace.ts';

const document = textOf('docs/experiment.md');
const section = (heading: string) => document.split(`### ${heading}\n`)[1]!.split(/^##/m)[0]!;
const rowsOf = (heading: string) => [...section(heading).matchAll(/^\| `([^`]+)` \| (.+) \|$/gm)];

const workplace = new Workplace();
let results: Record<string, unknown>;
const read = (file: string) => readFileSync(workplace.path(file), 'utf8');

beforeAll(async () => {
  // Of all that a run may hold there is something: an array that is no number, a choice, and a detector that fails.
  const set = [
    'plugins=[./mine/centred.ts, ./broken.mjs]',
    'detectors.Centred=[centred, energy]',
    'detectors.No=broken',
    'groups={few: [textures]}',
    'datasets.judged={demo-images: {set: objects, count: 20, seed: 4}}',
    'detectors.Hot={energy: {temperature: {sweep: [1, 2]}}}',
    'select={id: judged, ood: uniform noise}',
  ];
  workplace.write(
    'broken.mjs',
    `import { definePlugin, defineScorer, scoresFrom } from '@farout/core';
     const rows = () => scoresFrom(['logits'], () => () => { throw new Error('no idea'); });
     export default definePlugin({ name: 'broken', scorers: [defineScorer({ name: 'broken', rows })] });`,
  );
  // One of its detectors fails.
  expect(await workplace.run('configs/small.yaml', set, 'runs/formats', '--costs')).toMatchObject({ code: 1 });
  results = JSON.parse(read('runs/formats/results.json')) as Record<string, unknown>;
});
afterAll(() => workplace.remove());

/** The value at a path; `<any>` takes the first entry that has what the path goes on to. */
const at = (path: string) => path.split('.').reduce<unknown>(stepInto, results);

function stepInto(value: unknown, step: string, index: number, steps: readonly string[]): unknown {
  if (!step.startsWith('<')) return (value as Record<string, unknown>)[step];
  const entries = Object.values(value as Record<string, object>);
  const next = steps[index + 1];
  return entries.find((each) => next === undefined || next.startsWith('<') || Object.hasOwn(each, next)) ?? entries[0];
}

/** The keys in code that a row gives in braces: `{ image, reason }`. */
const membersIn = (text: string) => /`\{ ([\w, ]+) \}`/.exec(text)?.[1]?.split(', ');

describe('docs/experiment.md', () => {
  it('shows every key of results.json and no other', () => {
    const shown = rowsOf('results.json').map(([, path]) => path!.split('.')[0]!);
    expect([...new Set(shown)].sort()).toEqual(Object.keys(results).sort());
    const ofDatasets = rowsOf('results.json').flatMap(
      ([, path]) => /^datasets\.<dataset>\.(\w+)/.exec(path!)?.[1] ?? [],
    );
    const members = Object.values(results.datasets as object).flatMap((each) => Object.keys(each as object));
    expect(ofDatasets.sort()).toEqual([...new Set(members)].sort());
  });

  it.each(rowsOf('results.json').map(([, path, value]) => [path!, value!]))('shows what is there: %s', (path, text) => {
    const value = at(path);
    expect(value).toBeDefined();
    const members = membersIn(text);
    if (members && Array.isArray(value) && value.length > 0) {
      expect(Object.keys(value[0] as object).sort()).toEqual(members.sort());
    }
  });

  it('shows what is said of classes that are rejected, which is read back', async () => {
    const [, example] = /```text\n(.*"tested".*)\n```/.exec(document)!;
    const shown = JSON.parse(example!) as { named: [object] };
    const rejected = at('classesRejected.<any>') as { tested: number; named: object[] };
    expect(Object.keys(rejected)).toEqual(Object.keys(shown));
    for (const one of rejected.named) expect(Object.keys(one)).toEqual(Object.keys(shown.named[0]));
    const { classesRejected } = await readResults(workplace.path('runs/formats'));
    expect(classesRejected).toEqual(results.classesRejected);
  });

  it('names the version of the format, and the stages', () => {
    expect(document).toContain(`\`schemaVersion\`, now **${String(results.schemaVersion)}**`);
    const [, , text] = rowsOf('results.json').find(([, path]) => path === 'seconds.<stage>')!;
    expect([...text!.matchAll(/`(\w+)`/g)].map(([, stage]) => stage)).toEqual(Object.keys(results.seconds as object));
  });

  it('says rightly that the experiment in results.json is an experiment again', async () => {
    workplace.write('again.yaml', JSON.stringify({ ...(results.experiment as object), store: 'store' }));
    const { resolved } = await workplace.load('again.yaml');
    expect(resolved).toEqual(results.experiment);
  });

  it('shows the columns of scores.csv', () => {
    const [header] = read('runs/formats/scores.csv').split('\r\n');
    const detectors = Object.keys(results.thresholds as object);
    expect(header).toBe([...rowsOf('scores.csv').map(([, column]) => column), ...detectors].join(','));
    expect(detectors).toEqual(['Energy', 'ReAct', 'Centred', 'Hot']);
  });
});
