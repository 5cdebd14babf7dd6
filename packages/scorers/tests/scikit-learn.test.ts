import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from '@jest/globals';
import type { ScorerDefinition } from '@farout/core';
import { mahalanobis, mahalanobisPlusPlus, neco, residual, rmds, rmdsPlusPlus, vim } from '../src/index.ts';
import { generated, scoresOf } from './parts/fitted.ts';

const python = process.env.FAROUT_PYTHON ?? 'python3';
const hasScikitLearn = spawnSync(python, ['-c', 'import sklearn.covariance']).status === 0;
const itWithScikitLearn = hasScikitLearn ? it : it.skip;

const detectors: [ScorerDefinition, object][] = [
  [mahalanobis, {}],
  [mahalanobisPlusPlus, {}],
  [rmds, {}],
  [rmdsPlusPlus, {}],
  [residual, { dimension: 5 }],
  [vim, { dimension: 5 }],
  [neco, { dimension: 5 }],
  [neco, { dimension: 5, maxLogit: false }],
];

/** Images, channels, classes; with fewer images than channels, covariances have no inverse. */
const sizes = {
  'more images than channels': [300, 10, 4],
  'fewer images than channels': [24, 40, 3],
  'more classes than channels': [300, 7, 12],
} as const;

const questions = Object.entries(sizes).flatMap(([which, size]) =>
  detectors.map(([scorer, parameters]) => ({
    title: `${scorer.name} ${JSON.stringify(parameters)} with ${which}`,
    ...{ scorer, parameters, fit: generated(1, size), test: generated(2, size).features },
  })),
);

/** What scikit-learn says to all questions: Python takes longer to start than to answer. */
function askScikitLearn(): number[][] {
  const input = questions.map(({ scorer, parameters, fit, test }) => {
    const { features, labels, head } = fit;
    return { detector: scorer.name, parameters, network: { fit: features, labels, test, ...head } };
  });
  const program = fileURLToPath(new URL('parts/scikit_learn.py', import.meta.url));
  const { status, stdout, stderr } = spawnSync(python, [program], { input: JSON.stringify(input), encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as number[][];
}

describe('scorers of means and covariances score as scikit-learn does (needs a Python with it: FAROUT_PYTHON)', () => {
  let answers: number[][];
  beforeAll(() => {
    if (hasScikitLearn) answers = askScikitLearn();
  });

  itWithScikitLearn.each(questions.map((question, n) => [question.title, n] as const))('%s', async (_, n) => {
    const { scorer, parameters, fit, test } = questions[n]!;
    const found = await scoresOf(scorer, fit, test, parameters);
    const largest = Math.max(...answers[n]!.map(Math.abs));
    // float32 is all that differs: of the score, and of the logits that some read.
    found.forEach((score, row) => expect(Math.abs(score - answers[n]![row]!)).toBeLessThan(2e-7 * largest));
  });
});
