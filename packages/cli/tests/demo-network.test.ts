import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { readCheckpoint } from '@oodkit/checkpoints';
import { StateDict, traceHooks } from '@oodkit/core';
import { demo, renderImage } from '@oodkit/demo';
import { evaluate } from '@oodkit/runtime';
import { input } from '@oodkit/tensor';

const file = (name: string) => fileURLToPath(new URL(`../../demo/${name}`, import.meta.url));

interface Golden {
  readonly set: 'objects';
  readonly seed: number;
  readonly logits: readonly (readonly number[])[];
}

describe("the demonstration's network", () => {
  // tools/demo/measure.py wrote what PyTorch makes of the same images.
  it('gives the logits that PyTorch gives', async () => {
    const golden = JSON.parse(readFileSync(file('tests/golden-logits.json'), 'utf8')) as Golden;
    const weights = file('weights/demo-resnet.pth');
    const [definition] = demo.backbones!;
    const params = definition!.params.parse({ weights });
    const network = await definition!.open(params, {
      stateDict: async (path: string) => new StateDict(await readCheckpoint(path), path),
      onnx: () => Promise.reject(new Error('it is no ONNX file')),
    });
    const image = input('image', ['N', 3, 64, 64]);
    const { logits } = traceHooks({ features: network.features(image), head: network.head }, []);
    const count = golden.logits.length;
    const data = new Float32Array(count * 3 * 64 * 64);
    for (let i = 0; i < count; i++) {
      const pixels = renderImage(golden.set, golden.seed, i);
      pixels.forEach(
        (value, at) => (data[(i * 3 + (at % 3)) * 64 * 64 + Math.floor(at / 3)] = (value / 255 - 0.5) / 0.5),
      );
    }
    const found = (await evaluate({ logits }, { image: { data, shape: [count, 3, 64, 64] } })).logits!;
    golden.logits.flat().forEach((value, i) => expect(Number(found.data[i])).toBeCloseTo(value, 3));
    expect(found.data).toHaveLength(golden.logits.flat().length);
  });
});
