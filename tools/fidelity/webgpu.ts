import {
  FaroutError,
  schemaOf,
  traceHooks,
  traceScore,
  type ScorerDefinition,
  type SymbolicScorer,
} from '@farout/core';
import { react } from '@farout/hooks';
import { writeOnnx } from '@farout/onnx';
import { openSession, resolveDevice, type Arrays, type Session } from '@farout/runtime';
import { energy, maxLogit, msp, odin } from '@farout/scorers';
import { firstLargest, grad, type NDArray, type Tensor } from '@farout/tensor';
import { pixelsInput } from '../../packages/runner/src/extraction/batch.ts';
import { imageAccess } from '../../packages/runner/src/extraction/graphs.ts';
import { atLeast, atMost, type Check } from './check.ts';
import { firstPhotographs, photographs } from './first-photographs.ts';
import { reference, type Model } from './models.ts';
import { openNetwork } from './open-network.ts';

/** Few at a time: a software adapter takes seconds for each. */
const batch = 4;
const gradientOutput = "ODIN's gradient";
const odinOutput = 'ODIN';

/**
 * Compares the same graph on WebGPU and on the CPU: every score, and the signs of ODIN's gradient, which is all that ODIN uses. Without an adapter,
 * prints a message and compares nothing; a software adapter (SwiftShader) gives the same results as a card.
 */
export async function webgpu(data: string, model: Model): Promise<Check[]> {
  const lacking = await whyNoAdapter();
  if (lacking !== undefined) {
    console.log(`${model.name}: WebGPU is not compared with the CPU: ${lacking}`);
    return [];
  }
  const graph = await scoreGraph(data, model);
  const count = compared[model.name];
  const pixels = await firstPhotographs(data, model, count);
  const expected = await compute(graph, pixels, 'cpu');
  const found = await compute(graph, pixels, 'webgpu');
  const title = `${model.name}: WebGPU and CPU, ${count} photographs`;
  return Object.keys(expected).map((name) => comparison(title, name, found[name]!, expected[name]!));
}

const whyNoAdapter = () =>
  resolveDevice('webgpu').then(
    () => undefined,
    (error: unknown) => {
      if (error instanceof FaroutError) return error.message;
      throw error;
    },
  );

/** On ResNet-50 fewer photographs and no gradients: WebGPU cannot return the indices of max pooling. */
const compared = { 'mobilenet-v2': photographs, resnet50: 8 };
const differentiates = ({ name }: Model) => name === 'mobilenet-v2';

async function scoreGraph(data: string, model: Model): Promise<Uint8Array> {
  const network = await openNetwork(data, model);
  const { head } = network;
  const { mean, std } = model;
  const images = imageAccess(network, { mean, std, resize: 256, crop: 224 });
  const bare = traceHooks({ features: network.features(images.image), head, images }, []);
  const c = reference(data, model).percentiles['90']!;
  const rectified = traceHooks({ features: bare.features, head }, [{ definition: react, params: { c }, learnt: {} }]);
  const score = (definition: ScorerDefinition, context = bare): Tensor =>
    traceScore(context, {
      definition: definition as SymbolicScorer,
      params: schemaOf(definition).parse({}),
      learnt: {},
    });
  const scaled = bare.logits.div(1000);
  const loss = scaled.logSumExp().sub(firstLargest(bare.logits).where(scaled, 0).sum()).sum();
  return writeOnnx({
    MSP: score(msp),
    MaxLogit: score(maxLogit),
    Energy: score(energy),
    ReAct: score(energy, rectified),
    ...(differentiates(model) && { [odinOutput]: score(odin), [gradientOutput]: grad(loss, images.image) }),
  });
}

/** ODIN's scores are about 1 / K, 1e-3 themselves, so their difference is taken relative to them. */
function comparison(title: string, name: string, ours: Float32Array, theirs: Float32Array): Check {
  if (name === gradientOutput) return atLeast(`${title}: ${name}, equal signs`, equalSigns(ours, theirs), 0.995);
  const most = difference(ours, theirs);
  if (name !== odinOutput) return atMost(`${title}: ${name}, max abs difference`, most, 1e-3);
  const relative = most / Math.min(...theirs);
  return atMost(`${title}: ${name}, max relative difference (absolute ${most.toExponential(2)})`, relative, 1e-3);
}

/** Runs a graph over images in batches, and joins its outputs. */
async function compute(
  graph: Uint8Array,
  { data, shape }: NDArray,
  device: 'cpu' | 'webgpu',
): Promise<Record<string, Float32Array>> {
  const session = await openSession(graph, { threads: 2, device });
  const size = data.length / shape[0]!;
  const parts: Arrays[] = [];
  for (let start = 0; start < shape[0]!; start += batch) {
    const some = data.slice(start * size, (start + batch) * size) as Uint8Array;
    parts.push(await session.run({ [pixelsInput]: { data: some, shape: [batch, ...shape.slice(1)] } }));
  }
  await session.release();
  return joined(session, parts);
}

const joined = ({ outputs }: Session, parts: readonly Arrays[]) =>
  Object.fromEntries(
    outputs.map((name) => [name, Float32Array.from(parts.flatMap((part) => Array.from(part[name]!.data, Number)))]),
  );

const difference = (ours: Float32Array, theirs: Float32Array) =>
  theirs.reduce((most, value, i) => Math.max(most, Math.abs(value - ours[i]!)), 0);

/** The share of elements with equal signs; ODIN treats zero as positive. */
const equalSigns = (ours: Float32Array, theirs: Float32Array) =>
  theirs.reduce((equal, value, i) => equal + Number(value >= 0 === ours[i]! >= 0), 0) / theirs.length;
