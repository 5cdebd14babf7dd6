import { describe, expect, it } from '@jest/globals';
import { testScorer } from '@farout/testing';
import { temperatureScaling } from '../src/temperature-scaling.ts';
import { generator } from './parts/fitted.ts';
import { learnBy, refusal } from './parts/learn-by.ts';

/** Two classes of the margin 2, right on 3 images of 4: the best T has 1 / (1 + e^(−2 / T)) = 3 / 4. */
const threeOfFour = {
  features: [
    [2, 0],
    [2, 0],
    [0, 2],
    [0, 2],
  ],
  labels: [0, 1, 1, 1],
};

testScorer(
  temperatureScaling,
  [
    {
      title: 'a given T divides the logits',
      params: { temperature: 2 },
      logits: [[4, 2, 0]],
      scores: [1 / (1 + Math.exp(-1) + Math.exp(-2))],
    },
    {
      title: 'learns the T at which the network is right as often as it says',
      fit: threeOfFour,
      logits: [
        [2, 0],
        [0, 4],
      ],
      scores: [3 / 4, 9 / 10],
    },
    { title: 'a temperature of 0 is refused', params: { temperature: 0 }, refused: 'temperature' },
  ],
  // On the kit's images the network never errs.
  { params: { temperature: 2 } },
);

describe('the temperature that is learnt', () => {
  it('is that of which neither neighbour has less cross-entropy', async () => {
    const draw = generator(5);
    const features = Array.from({ length: 200 }, () => Array.from({ length: 5 }, () => 6 * draw()));
    const labels = features.map((f, i) => (i % 3 === 0 ? i % 5 : f.indexOf(Math.max(...f))));
    const { temperature } = await learnBy(temperatureScaling, {}, { logits: features, labels });
    const T = Number(temperature!.data[0]);
    const loss = (t: number) =>
      features.reduce(
        (sum, f, i) => sum + Math.log(f.reduce((all, each) => all + Math.exp((each - f[labels[i]!]!) / t), 0)),
        0,
      );
    expect(T).toBeGreaterThan(0.2);
    expect(loss(T * 1.001)).toBeGreaterThan(loss(T));
    expect(loss(T / 1.001)).toBeGreaterThan(loss(T));
    expect(loss(T * 1.0001) - loss(T / 1.0001)).toBeCloseTo(0, 7);
  });

  it('is refused where the network never errs, so that the best one is 0', async () => {
    const error = await refusal(temperatureScaling, {}, { logits: threeOfFour.features, labels: [0, 0, 1, 1] });
    expect(error).toMatchObject({ code: 'OOD_DETECTOR_FAILED', message: expect.stringContaining('the 4 images') });
    expect(error.fix).toContain('set `temperature`');
  });

  it('is refused where the labels go against the logits', async () => {
    const error = await refusal(temperatureScaling, {}, { logits: threeOfFour.features, labels: [1, 1, 0, 0] });
    expect(error.code).toBe('OOD_DETECTOR_FAILED');
    expect(error.fix).toContain('labels of the fit set');
  });
});
