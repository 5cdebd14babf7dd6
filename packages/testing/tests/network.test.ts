import { describe, expect, it } from '@jest/globals';
import { evaluate } from '@farout/runtime';
import { imagesOf, networkTensors } from '../src/network.ts';
import { generatedSample } from '../src/sample.ts';

const sample = generatedSample();
const image = imagesOf(sample);

describe('networkTensors', () => {
  it('makes the features of the sample of its images, to the bit', async () => {
    const { features } = await evaluate({ features: networkTensors(sample).features }, { image });
    expect(features).toEqual(sample.features);
  });

  it('takes images of three colours, and a deviation of 1 for each', () => {
    const { images } = networkTensors(sample);
    expect(image.shape).toEqual([36, 3, 7, 2]);
    expect(images.image.shape).toEqual(['N', 3, 7, 2]);
    expect(images.std.shape).toEqual([3, 1, 1]);
  });

  it('brightens a unit by ε where its row brightens by ε', async () => {
    const { images } = networkTensors(sample);
    const found = await evaluate({ bright: images.backbone.features(images.image.add(0.5)) }, { image });
    const expected = sample.features.data.map((value) => value + 0.5);
    expect(Array.from(found.bright!.data, Number)).toEqual([...expected].map((value) => expect.closeTo(value, 5)));
  });
});
