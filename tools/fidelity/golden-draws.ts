// A plugin with scorers that read the random draws of the authors' code from files, instead of drawing with the seed.
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import {
  definePlugin,
  defineScorer,
  learnsFrom,
  type Fit,
  type Learnt,
  type RowStream,
  type ScorerDefinition,
} from '@farout/core';
// Imported by file: a plugin finds packages by name only once they are built, which is not required here.
import { readNpy } from '../../packages/checkpoints/src/npy.ts';
import { corp, gram, mahalanobisEnsemble, weiper } from '../../packages/scorers/src/index.ts';
import { referenceData } from '../reference-data.ts';

/** A scorer of the catalogue under another name, with other steps. */
const withSteps = (scorer: ScorerDefinition, steps: (own: readonly Fit[]) => readonly Fit[]) =>
  defineScorer({
    ...scorer,
    name: `${scorer.name}-golden`,
    about: { summary: `${scorer.name} with what its authors' code drew.` },
    fit: (params) => steps([scorer.fit!(params)!].flat()),
  });

/** Replaces its first step, which draws, by one that returns given values. */
const withDraws = (scorer: ScorerDefinition, given: Fit) => withSteps(scorer, ([, ...others]) => [given, ...others]);

const inGolden = (file: string) => path.join(referenceData!, 'golden', 'catalogue', file);

const projection = learnsFrom(['features'], async () => ({
  frequencies: await readNpy(inGolden('demo/corp-w.npy')),
  phases: await readNpy(inGolden('demo/corp-u.npy')),
}));

const perturbedHeads = learnsFrom(['features'], async () => ({
  perturbed: await readNpy(inGolden('demo/weiper-weight.npy')),
}));

const split = learnsFrom(['labels'], async (rows) => {
  const { held_back: heldBack } = await readJson<{ held_back: number[][] }>('demo-maps/gram-split.json');
  return splitBy(rows, heldBack);
});

/** The row numbers of a fit set; held-out rows are given by their positions among the rows of each class. */
async function splitBy(rows: RowStream<'labels'>, heldBackOf: readonly (readonly number[])[]): Promise<Learnt> {
  const seen = heldBackOf.map(() => 0);
  const [drawn, heldBack]: [number[], number[]] = [[], []];
  let at = 0;
  for await (const { labels } of rows)
    for (const label of labels) (heldBackOf[label]!.includes(seen[label]!++) ? heldBack : drawn).push(at++);
  const numbers = (of: readonly number[]) => ({ data: Int32Array.from(of), shape: [of.length] });
  return { drawn: numbers(drawn), heldBack: numbers(heldBack) };
}

/** The result of scikit-learn's regression, which draws nothing but stops before it has converged. */
const weights = learnsFrom(['labels'], async () => {
  const { columns } = await readJson<{ columns: { column: string; learnt: { alpha: number[] } }[] }>(
    'demo-maps/methods.json',
  );
  const { alpha } = columns.find(({ column }) => column === 'mds-ensemble/openood')!.learnt;
  return { weights: { data: Float64Array.from(alpha), shape: [alpha.length] } };
});

const readJson = async <T>(file: string) => JSON.parse(await readFile(inGolden(file), 'utf8')) as T;

export default definePlugin({
  name: 'golden-draws',
  scorers: [
    withDraws(corp, projection),
    withDraws(weiper, perturbedHeads),
    withDraws(gram, split),
    withSteps(mahalanobisEnsemble, (own) => [...own, weights]),
  ],
});
