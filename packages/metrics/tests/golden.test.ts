import { describe, expect, it } from '@jest/globals';
import { curveOf } from '@farout/core';
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fpr95, metrics } from '@farout/metrics';

const data = process.env.FAROUT_DATA ?? fileURLToPath(new URL('../../../../shared/data', import.meta.url));
const itWithData = existsSync(resolve(data, 'golden')) ? it : it.skip;

/** What the code of the ReAct paper and scikit-learn say of one method on one OOD set. */
interface GoldenMetrics {
  readonly react_code: Readonly<Record<'FPR' | 'AUROC' | 'DTERR' | 'AUIN' | 'AUOUT', number>>;
  readonly sklearn: Readonly<
    Record<
      | 'auroc'
      | 'average_precision_id_positive'
      | 'average_precision_ood_positive'
      | 'fpr_at_tpr95_id_positive'
      | 'fpr_at_tpr95_ood_positive',
      number
    >
  >;
}

const byOurNames = ({ react_code: paper, sklearn }: GoldenMetrics): Record<string, number> => ({
  fpr95: paper.FPR,
  'fpr95-ood-positive': sklearn.fpr_at_tpr95_ood_positive,
  auroc: sklearn.auroc,
  'aupr-in': paper.AUIN,
  'aupr-out': paper.AUOUT,
  'average-precision-in': sklearn.average_precision_id_positive,
  'average-precision-out': sklearn.average_precision_ood_positive,
  'detection-error': paper.DTERR,
});

function readGolden(model: string) {
  const read = (file: string) => readFileSync(resolve(data, 'golden', model, file), 'utf8');
  const [header, ...rows] = read('scores.csv')
    .trimEnd()
    .split(/\r?\n/)
    .map((line) => line.split(','));
  const { metrics: expected } = JSON.parse(read('metrics.json')) as {
    metrics: Record<string, Record<string, GoldenMetrics>>;
  };
  const scoresOf = (method: string, set: string) => {
    const column = header!.indexOf(method);
    // ODIN was run on the first images of each set only: the other rows have no value.
    return Float32Array.from(
      rows.filter((row) => row[0] === set && row[column] !== ''),
      (row) => Number(row[column]),
    );
  };
  const cases = Object.entries(expected).flatMap(([method, sets]) =>
    Object.entries(sets).map(([ood, golden]) => ({
      label: `${method} on ${ood}`,
      golden,
      curve: curveOf(scoresOf(method, 'imagenet-val'), scoresOf(method, ood)),
    })),
  );
  return { methods: header!.slice(4), expected, cases };
}

describe.each(['resnet50', 'mobilenet-v2'])('the metrics of %s', (model) => {
  itWithData('cover every method of scores.csv on three OOD sets', () => {
    const { methods, expected, cases } = readGolden(model);
    expect(Object.keys(expected)).toEqual(methods);
    expect(cases).toHaveLength(8 * 3);
  });

  itWithData('equal those of the paper’s code and of scikit-learn to 1e-9', () => {
    for (const { label, golden, curve } of readGolden(model).cases) {
      const expected = byOurNames(golden);
      const wrong = metrics.metrics!.filter(({ name, value }) => !(Math.abs(value(curve) - expected[name]!) <= 1e-9));
      expect({ label, wrong: wrong.map(({ name }) => name) }).toEqual({ label, wrong: [] });
    }
  });

  // Both accept the same ID scores where 5 % of them is a whole number, as it is here (1,300 and 200 images); an OOD
  // score equal to the threshold would be accepted by scikit-learn's ≥ and rejected by the paper's >.
  itWithData('say the same for fpr95 as scikit-learn with ID positive', () => {
    for (const { golden, curve } of readGolden(model).cases) {
      expect(fpr95.value(curve)).toBeCloseTo(golden.sklearn.fpr_at_tpr95_id_positive, 12);
    }
  });
});
