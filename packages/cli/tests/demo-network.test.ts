import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { readCheckpoint } from '@farout/checkpoints';
import { StateDict, traceHooks, type NDArray } from '@farout/core';
import { demo, renderImage } from '@farout/demo';
import { evaluate } from '@farout/runtime';
import { input } from '@farout/tensor';

const file = (name: string) => fileURLToPath(new URL(`../../demo/${name}`, import.meta.url));

interface Golden {
  readonly set: 'objects';
  readonly seed: number;
  readonly logits: readonly (readonly number[])[];
}

const golden = JSON.parse(readFileSync(file('tests/golden-logits.json'), 'utf8')) as Golden;
const count = golden.logits.length;
const weights = file('weights/demo-resnet.pth');

describe("the demonstration's network", () => {
  let found: readonly number[];
  beforeAll(async () => {
    found = await logitsWith(weights);
  });

  // tools/demo/measure.py wrote what PyTorch makes of the same images.
  it('gives the logits that PyTorch gives', () => {
    golden.logits.flat().forEach((value, i) => expect(found[i]).toBeCloseTo(value, 3));
    expect(found).toHaveLength(golden.logits.flat().length);
  });

  it('gives the same logits with the same weights in safetensors, as DataParallel names them', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'farout-demo-network-'));
    const copy = path.join(folder, 'weights.bin');
    writeFileSync(copy, safetensors(await readCheckpoint(weights), 'module.'));
    expect(await logitsWith(copy)).toEqual(found);
    rmSync(folder, { recursive: true });
  });
});

/** The golden images as the network takes them. */
const images = new Float32Array(count * 3 * 64 * 64);
for (let i = 0; i < count; i++) {
  const pixels = renderImage(golden.set, golden.seed, i);
  pixels.forEach(
    (value, at) => (images[(i * 3 + (at % 3)) * 64 * 64 + Math.floor(at / 3)] = (value / 255 - 0.5) / 0.5),
  );
}

async function logitsWith(weights: string): Promise<number[]> {
  const opened: StateDict[] = [];
  const [definition] = demo.backbones!;
  const network = await definition!.open(definition!.params.parse({ weights }), {
    stateDict: async (name) => {
      const state = new StateDict(await readCheckpoint(name), name);
      opened.push(state);
      return state;
    },
    onnx: () => Promise.reject(new Error('it is no ONNX file')),
  });
  for (const state of opened) state.finish('demo-resnet');
  const image = input('image', ['N', 3, 64, 64]);
  const { logits } = traceHooks({ features: network.features(image), head: network.head }, []);
  const found = await evaluate({ logits }, { image: { data: images, shape: [count, 3, 64, 64] } });
  return Array.from<number | bigint, number>(found.logits!.data, Number);
}

/** The bytes of a safetensors file. */
function safetensors(arrays: ReadonlyMap<string, NDArray>, prefix: string): Buffer {
  const header: Record<string, unknown> = {};
  const parts: Buffer[] = [];
  let begin = 0;
  for (const [name, { data, shape }] of arrays) {
    const end = begin + data.byteLength;
    header[prefix + name] = { dtype: data instanceof Float32Array ? 'F32' : 'I64', shape, data_offsets: [begin, end] };
    parts.push(Buffer.from(data.buffer, data.byteOffset, data.byteLength));
    begin = end;
  }
  const text = Buffer.from(JSON.stringify(header));
  return Buffer.concat([Buffer.from(BigUint64Array.of(BigInt(text.length)).buffer), text, ...parts]);
}
