import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parseNpy } from '@farout/checkpoints';
import { traceHooks, type TraceablePart, type HookDefinition } from '@farout/core';
import { react } from '@farout/hooks';
import { openSession } from '@farout/runtime';
import { writeOnnx } from '@farout/onnx';
import { firstLargest, grad, input, type NDArray, type Tensor } from '@farout/tensor';
import { openNetwork } from './open-network.ts';
import { atLeast, atMost, type Check } from './check.ts';
import { reference, type Model } from './models.ts';

const T = 1000;

/** ODIN's loss: the cross-entropy of the predicted class at temperature T, summed over the images. */
const loss = (logits: Tensor) => {
  const scaled = logits.div(T);
  return scaled.logSumExp().sub(firstLargest(logits).where(scaled, 0).sum()).sum();
};

/**
 * The gradient of ODIN's loss with respect to the image, through the whole network, compared with PyTorch's. If an activation is within rounding
 * error of the kink of ReLU, both sides are equally valid, and each such activation changes the gradient by about 1e-3: the reference
 * (PyTorch, float32) is 4.6e-3 (MobileNet-v2) and 6.1e-3 (ResNet-50) from PyTorch's own float64 gradient, and up to 3.9e-3 from PyTorch's float32
 * gradient on another machine. So the bound is 1e-2.
 */
export async function gradient(data: string, model: Model): Promise<Check[]> {
  const network = await openNetwork(data, model);
  const image = input('image', ['N', 3, 224, 224]);
  const { logits } = traceHooks({ head: network.head, features: network.features(image) }, []);
  const two = read(data, model, 'input-first2.npy');
  // The reference is the gradient of the mean over the two images.
  const session = await openSession(writeOnnx({ gradient: grad(loss(logits).div(2), image) }), { threads: 2 });
  const ours = (await session.run({ image: two })).gradient!.data as Float32Array;
  await session.release();
  const theirs = read(data, model, 'odin-gradient-first2.npy').data as Float32Array;
  return [
    atMost(`${model.name}: ODIN's gradient, ‖a − b‖ / ‖b‖`, distance(ours, theirs), 1e-2),
    atLeast(`${model.name}: ODIN's gradient, equal signs where it is above 1e-8`, equalSigns(ours, theirs), 0.999),
  ];
}

/**
 * The gradient through ReAct, for which there is no reference with a magnitude above 0 on ResNet-50. Compares ⟨∇L, d⟩ along a random direction d
 * with (L(x + h d) − L(x − h d)) / 2h.
 */
export async function gradientThroughReact(data: string, model: Model): Promise<Check[]> {
  const network = await openNetwork(data, model);
  const c = reference(data, model).percentiles['90']!;
  const hook: TraceablePart<HookDefinition> = { definition: react, params: { c }, learnt: {} };
  const image = input('image', ['N', 3, 224, 224]);
  const { logits } = traceHooks({ head: network.head, features: network.features(image) }, [hook]);
  // Uses the logit of the predicted class: at T = 1000, the loss itself changes by less than float32 resolution.
  const value = logits.max().sum();
  const session = await openSession(writeOnnx({ value, gradient: grad(value, image) }), { threads: 2 });
  const x = read(data, model, 'input-first2.npy');
  const at = async (data: Float32Array) => session.run({ image: { data, shape: x.shape } });
  const slope = (await at(x.data as Float32Array)).gradient!.data as Float32Array;
  const h = 2e-3;
  let worst = 0;
  for (let seed = 1; seed <= 3; seed++) {
    const d = direction(slope, seed);
    const moved = (sign: number) => (x.data as Float32Array).map((value, i) => value + sign * h * d[i]!);
    const [up, down] = [await at(moved(1)), await at(moved(-1))].map((result) => Number(result.value!.data[0]));
    const measured = (up! - down!) / (2 * h);
    const expected = d.reduce((sum, value, i) => sum + value * slope[i]!, 0);
    worst = Math.max(worst, Math.abs(measured - expected) / Math.abs(expected));
  }
  await session.release();
  return [atMost(`${model.name}: gradient through ReAct along 3 directions, relative difference`, worst, 2e-2)];
}

/** A unit direction in which the value changes: the signs of the gradient, with every second one random by a seed. */
function direction(slope: Float32Array, seed: number): Float32Array {
  let state = seed;
  const d = slope.map((value) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state < 2 ** 31 ? Math.sign(value) : state < 3 * 2 ** 30 ? 1 : -1;
  });
  const length = Math.sqrt(d.reduce((sum, value) => sum + value * value, 0));
  return d.map((value) => value / length);
}

const read = (data: string, model: Model, file: string): NDArray =>
  parseNpy(readFileSync(path.join(data, 'golden', model.name, file)));

function distance(ours: Float32Array, theirs: Float32Array): number {
  const square = (values: Float32Array) => values.reduce((sum, value) => sum + value * value, 0);
  return Math.sqrt(square(ours.map((value, i) => value - theirs[i]!)) / square(theirs));
}

function equalSigns(ours: Float32Array, theirs: Float32Array): number {
  const counted = [...theirs.keys()].filter((i) => Math.abs(theirs[i]!) > 1e-8);
  return counted.filter((i) => Math.sign(ours[i]!) === Math.sign(theirs[i]!)).length / counted.length;
}
