import { describe, expect, it } from '@jest/globals';
import { defineScorer, z, type Rows, type ScorerDefinition } from '@farout/core';
import { constant } from '@farout/tensor';
import type { ImageRows } from '../../src/extraction/row-set.ts';
import { openScoring, scoreDataset } from '../../src/score/on-features.ts';
import { planScores } from '../../src/score/trace.ts';
import { firstFeature } from '../fixtures/tiny.ts';

const params = z.object({});
const maxLogit = defineScorer({ name: 'max-logit', params, score: ({ logits }) => logits.max() });
/** A row of two features does not fill rows of seven: that shows when it runs. */
const refused = defineScorer({
  name: 'refused',
  params,
  score: ({ logits, features }) => logits.max().add(features.reshape(['M', 7]).sum().sum()),
});

/** How many rows it was asked for; gives one score too few for the first block. */
function tooFew(asked: number[]): ScorerDefinition {
  return defineScorer({
    name: 'too-few',
    params,
    scoreRows: ({ features: { shape } }: { features: Rows }) => {
      asked.push(shape[0]);
      return new Float32Array(shape[0] - 1);
    },
  });
}

/** Five images of two features in blocks of 3 and 2. */
const values = [1, 5, -2, 0.5, 3, 3, -7, -8, 0, 2];
const set: ImageRows = {
  images: Array.from({ length: 5 }, (_, i) => ({ id: `${i}`, path: `/${i}` })),
  fingerprint: 'five',
  async *rows() {
    for (const [from, to] of [
      [0, 3],
      [3, 5],
    ] as const) {
      const data = Float32Array.from(values.slice(2 * from, 2 * to));
      const rows: Rows = { data, shape: [to - from, 2] };
      yield await Promise.resolve({ images: set.images.slice(from, to), rows });
    }
  },
};

/** Logits are (h₀, h₁ − 1). */
const stages = {
  head: {
    weight: constant({ data: Float32Array.of(1, 0, 0, 1), shape: [2, 2] }),
    bias: constant({ data: Float32Array.of(0, -1), shape: [2] }),
  },
  featureWidth: 2,
};

async function scored(scorers: Readonly<Record<string, ScorerDefinition>>) {
  const detectors = Object.entries(scorers).map(([name, definition]) => ({
    name,
    hooks: [],
    scorer: { definition, params: {}, learnt: {} },
  }));
  const scoring = await openScoring(detectors, planScores(detectors, stages).onFeatures, stages);
  try {
    const dataset = await scoreDataset(set, scoring.session, scoring.detectors, new AbortController().signal);
    return { ...dataset, failed: [...scoring.failed, ...dataset.failed] };
  } finally {
    await scoring.session.release();
  }
}

describe('scoreDataset', () => {
  it('scores all images block by block, as plain loops do, and says which class the network predicts', async () => {
    const { scores, predicted, failed } = await scored({ Max: maxLogit, First: firstFeature });
    const logits = Array.from({ length: 5 }, (_, i) => [values[2 * i]!, values[2 * i + 1]! - 1] as const);
    expect(failed).toEqual([]);
    expect([...scores.get('Max')!]).toEqual(logits.map(([a, b]) => Math.max(a, b)));
    expect([...scores.get('First')!]).toEqual(logits.map(([a]) => a));
    expect([...predicted]).toEqual(logits.map(([a, b]) => (b > a ? 1 : 0)));
  });

  it('leaves a detector out from where it gives another number of scores than images', async () => {
    const asked: number[] = [];
    const { scores, failed } = await scored({ Few: tooFew(asked), Max: maxLogit });
    expect(failed).toMatchObject([
      {
        detector: 'Few',
        code: 'OOD_SCORE_INVALID',
        message: 'gave 2 scores for 3 images, expected a Float32Array of one each',
      },
    ]);
    expect(asked).toEqual([3]);
    expect([...scores.keys()]).toEqual(['Max']);
  });
});

describe('openScoring', () => {
  it('leaves out the one detector that onnxruntime refuses', async () => {
    const { scores, failed } = await scored({ Refused: refused, Max: maxLogit });
    expect(failed.map(({ detector }) => detector)).toEqual(['Refused']);
    expect([...scores.keys()]).toEqual(['Max']);
  });
});
