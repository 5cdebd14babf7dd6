import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { FaroutError, headLogits, type Dataset, type DatasetImage, type FileOutput } from '@farout/core';
import { pixelRecipe } from '@farout/images';
import { writeOnnxParts } from '@farout/onnx';
import type { Arrays, Session } from '@farout/runtime';
import { input, type NDArray } from '@farout/tensor';
import type { Experiment } from '../experiment.ts';
import { pixelsInput, rowsOutput } from '../extraction/batch.ts';
import { featuresOf, imageGraph, type GraphParts } from '../extraction/graphs.ts';
import { Quarantine } from '../extraction/pool.ts';
import { inputOf } from '../extraction/read-image.ts';
import { atPlace, settled } from '../plugins/failure.ts';
import type { OpenedBackbone, ScoredFile } from './backbone.ts';
import { apart, toleranceOf, type Tolerance } from './compare-with-file.ts';
import { openGraphApart, orRefuse, type ForeignFiles } from '../extraction/trials.ts';

/** Images by their names in messages: uint8, (1, crop, crop, 3). */
type Pixels = ReadonlyMap<string, NDArray>;

/** How many random images, and how many of each dataset, are compared. */
const compared = { random: 2, ofDataset: 2 };

/**
 * Compares the head's logits, or the features of an encoder, with the output of the file they were read from, run by
 * onnxruntime alone: on random images, and on the first readable ones of the ID sets and of every OOD set. This
 * reveals layers after the last linear layer that were overlooked.
 *
 * @throws FaroutError OOD_ONNX_REFUSED if they differ for an image.
 */
export async function compareOutput(
  { backbone: { params }, id, ood }: Experiment,
  { scored, place, ...network }: OpenedBackbone,
  files: ForeignFiles,
  datasets?: ReadonlyMap<string, Dataset>,
): Promise<void> {
  if (!scored) return;
  const listed = [...id, ...ood].flatMap((name) => datasets?.get(name)?.images.slice(0, compared.ofDataset) ?? []);
  const pixels = new Map([...randomPixels(params.crop), ...(await readPixels(listed, params))]);
  await atPlace(place, () => compare(scored, network, { pixels, files }));
}

/** Name prefix of outputs that are inputs of the file. */
const fedAs = 'fed ';

async function compare(
  { read, output }: ScoredFile,
  { images, head }: Pick<OpenedBackbone, 'images' | 'head'>,
  { pixels, files }: { readonly pixels: Pixels; readonly files: ForeignFiles },
): Promise<void> {
  const features = featuresOf(images);
  const logits = output.of === 'features' ? features : headLogits(features, head);
  const fed = Object.entries(read.inputs).map(([name, tensor]) => [`${fedAs}${name}`, tensor] as const);
  const graph = writeOnnxParts({ logits, ...Object.fromEntries(fed) });
  const ours = await runApart(
    graph,
    [...pixels.values()].map((image) => ({ [pixelsInput]: image })),
  );
  const theirs = await runAll(await files.open(read.file), ours.map(feedsOf));
  const tolerated = toleranceOf(read.model, output.name);
  for (const [i, image] of [...pixels.keys()].entries()) {
    const [found, given] = [ours[i]!.logits!, theirs[i]![output.name]!].map(({ data }) => Array.from(data, Number));
    checkRow({ logits: found!, given: given! }, { output, tolerated, image });
  }
}

async function runApart(graph: GraphParts, all: readonly Arrays[]): Promise<readonly Arrays[]> {
  const session = await orRefuse("onnxruntime cannot open farout's version of it", () => openGraphApart(graph, 'cpu'));
  try {
    return await runAll(session, all);
  } finally {
    await session.release();
  }
}

async function runAll(session: Session, all: readonly Arrays[]): Promise<readonly Arrays[]> {
  const results: Arrays[] = [];
  for (const feeds of all) results.push(await orRefuse('onnxruntime cannot run it', () => session.run(feeds)));
  return results;
}

/** The network's inputs, by the names of the file's inputs. */
const feedsOf = (results: Arrays): Arrays =>
  Object.fromEntries(
    Object.entries(results).flatMap(([name, array]) =>
      name.startsWith(fedAs) ? [[name.slice(fedAs.length), array] as const] : [],
    ),
  );

/** The numbers of one image: ours, and those of the file. */
interface Row {
  readonly logits: readonly number[];
  readonly given: readonly number[];
}

function checkRow(
  row: Row,
  { output, tolerated, image }: { readonly output: FileOutput; readonly tolerated: Tolerance; readonly image: string },
): void {
  const difference =
    output.of === 'logits' || output.of === 'label' || output.of === 'features'
      ? ofLogits(row, output, tolerated)
      : ofLogarithms(row, output, tolerated);
  if (difference === undefined) return;
  throw new FaroutError(
    'OOD_ONNX_REFUSED',
    `its output "${output.name}" differs from what ${output.of === 'features' ? 'the encoder' : 'its last linear layer'} gives for ${image}: ${difference}`,
    {
      fix: fixOf(output, tolerated),
    },
  );
}

function fixOf({ of }: FileOutput, { steps, logitSteps }: Tolerance): string {
  if (of === 'features') return exportEncoder;
  return steps + logitSteps > 0 ? leaveHead : exportHead;
}

const exportEncoder =
  'Export the encoder again, in another operator set, and without random operators: for PyTorch, after network.eval().';

const exportHead = 'Export the classifier only up to its last linear layer.';

/** Logits beyond the range of eight bits are clipped in the file, but not here. */
const leaveHead =
  'Quantise it without its last linear layer, whose logits eight bits may clip, and without anything after that layer.';

/** Compares logits directly; a label must be that of a largest logit. */
function ofLogits({ logits, given }: Row, { of, column }: FileOutput, tolerated: Tolerance): string | undefined {
  if (of !== 'label') return apart(given, column === undefined ? logits : [logits[column]!], tolerated);
  const largest = logits.reduce((most, z) => Math.max(most, z), -Infinity);
  const chosen = given.map((label) => logits[label] ?? NaN);
  return apart(
    given.map(() => largest),
    chosen,
    tolerated,
  );
}

/** Compares probabilities by their logarithms, which are of the order of the logits. */
function ofLogarithms(
  { logits, given }: Row,
  { of, column }: FileOutput,
  { share, steps, logitSteps }: Tolerance,
): string | undefined {
  const largest = logits.reduce((most, z) => Math.max(most, z), -Infinity);
  const shift = largest + Math.log(logits.reduce((sum, z) => sum + Math.exp(z - largest), 0));
  const all = logits.map((z) => z - shift);
  const ours = column === undefined ? all : [all[column]!];
  const probability = Math.max(
    logits.length === 2 ? least.ofTwo : least.ofMany,
    share > 1e-3 ? least.ofHalves : 0,
    of === 'softmax' ? 8 * steps : 0,
  );
  const atLeast = (value: number) => Math.max(value, Math.log(probability));
  const theirs = of === 'softmax' ? given.map(Math.log) : given;
  // An eight-bit step is at most this share of a probability that is at least eight times as large; steps of the
  // logits change its logarithm by at most twice as much.
  const rounding = of === 'softmax' && steps > 0 ? 1 / 8 : steps;
  return apart(theirs.map(atLeast), ours.map(atLeast), { share, steps: rounding + 2 * logitSteps });
}

/**
 * The smallest probabilities that are compared. Smaller ones are lost to rounding: sooner for two classes, often
 * 1 − p and a sigmoid p, which onnxruntime approximates; sooner still in half precision.
 */
const least = { ofTwo: 1e-5, ofMany: 1e-30, ofHalves: 1e-3 };

/** Random pixels, the same each time. */
function randomPixels(crop: number): Pixels {
  let state = 1;
  const next = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state >>> 24;
  };
  const image = () => ({ data: Uint8Array.from({ length: crop * crop * 3 }, next), shape: [1, crop, crop, 3] });
  return new Map(Array.from({ length: compared.random }, (_, i) => [`random image ${i + 1}`, image()]));
}

/** In a separate process, because an image may crash it. */
async function readPixels(images: readonly DatasetImage[], params: Experiment['backbone']['params']): Promise<Pixels> {
  if (images.length === 0) return new Map();
  const folder = await mkdtemp(path.join(tmpdir(), 'farout-'));
  const model = path.join(folder, 'pixels.onnx');
  const { crop } = params;
  const quarantine = new Quarantine({ models: [model], device: 'cpu', threads: 1, recipe: pixelRecipe(params) });
  try {
    const size = crop * crop * 3;
    const rows = input(pixelsInput, ['N', crop, crop, 3], 'uint8').cast('float32').reshape(['N', size]);
    await writeFile(model, imageGraph(rows));
    const inputs = await settled(Promise.all(images.map(inputOf)));
    const outcome = await quarantine.isolate({ images: inputs, graphs: [0] });
    const all = outcome.arrays[rowsOutput]?.data ?? new Float32Array(0);
    const readable = images.filter((_, i) => outcome.images[i]!.unreadable === undefined);
    return new Map(
      readable.map(({ id }, i) => [
        id,
        { data: Uint8Array.from(all.subarray(i * size, (i + 1) * size)), shape: [1, crop, crop, 3] },
      ]),
    );
  } finally {
    await quarantine.close();
    await rm(folder, { recursive: true, force: true });
  }
}
