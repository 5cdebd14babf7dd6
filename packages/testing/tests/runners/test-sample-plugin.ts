import { testBackbone, testDataset, testHook, testMetric, testScorer, type TestFunctions } from '../../src/index.ts';
import { clear, colourMeans, largest, numbers, shift } from './sample-plugin.ts';

/** The largest of 1 and 2; another number shows what a runner makes of a test that fails. */
const expected = Number(process.env.FAROUT_SAMPLE_EXPECTED ?? 2);

/** Tests every part of the plugin: with the runner's global functions, or with those given. */
export function testSamplePlugin(functions?: TestFunctions): void {
  testBackbone(
    colourMeans,
    [{ title: 'has 3 features and 2 classes', params: { weights: 'w', crop: 4 }, width: 3, classes: 2 }],
    functions,
  );
  testHook(shift, [{ title: 'moves features by 1', features: [[0, 2]], logits: [[1, 3]] }], functions);
  testScorer(largest, [{ title: 'scores the largest logit', logits: [[1, 2]], scores: [expected] }], functions);
  testDataset(numbers, [{ title: 'counts', params: { count: 2 }, ids: ['0', '1'] }], functions);
  testMetric(clear, [{ title: 'counts what is clear', idScores: [1, 3], oodScores: [2], value: 0.5 }], functions);
}
