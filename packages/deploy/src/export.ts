import { FaroutError, type ImageAccess, type RunResults } from '@farout/core';
import { writeOnnx } from '@farout/onnx';
import {
  idImages,
  json,
  markBytes,
  openRunDetector,
  traceRunDetector,
  type RunDetector,
  type RunDetectorRequest,
} from '@farout/runner';
import { openSession } from '@farout/runtime';
import { constant, input, type Tensor } from '@farout/tensor';
import { quantilesOf } from './ranks.ts';
import { mostContents } from './contents.ts';
import { descriptionKey, descriptionVersion, thresholdName, type Description } from './description.ts';
import { feedsOf } from './feeds.ts';
import { readRunScores, type RunScores } from './run-scores.ts';
import { thresholdOf, type Threshold } from './threshold.ts';

/** How a detector becomes a file. */
export interface ExportRequest extends RunDetectorRequest {
  /** The share of the ID images that the threshold accepts; 0.95 in tables. */
  readonly tpr: number;
  /** What the file takes: pixels, uint8 (N, crop, crop, 3); or normalised images, float32 (N, 3, crop, crop), called `pixel_values`. */
  readonly input: 'pixels' | 'float';
  /** What classes are called, in the network's numbering; what the run says when absent. */
  readonly labels?: readonly string[];
}

/** A detector as a file. */
export interface Exported {
  /** An ONNX model; the same request gives the same bytes. */
  readonly bytes: Uint8Array;
  readonly description: Description & { readonly threshold: { readonly rule: 'tpr' } };
  /** What it was compared with the run on: so many ID images, of whose scores the largest relative difference was this. */
  readonly compared: { readonly images: number; readonly difference: number };
}

/**
 * Writes a detector of a run as one ONNX model: backbone, hooks, last layer, scorer and threshold. Its outputs are `logits` and
 * `probabilities`, (N, K), both without hooks, `score` and `is_in_distribution`, (N, 1). Before it is given away it is run on ID images of the
 * run, and its scores are held to those of scores.csv.
 *
 * @throws FaroutError what `openRunDetector`, `thresholdOf` and `readRunScores` throw; OOD_EXPORT_REFUSED where the file scores otherwise
 * than the run.
 */
export async function exportDetector(request: ExportRequest): Promise<Exported> {
  const opened = await openRunDetector(request);
  const scores = await readRunScores(request.folder, request.detector, opened.experiment.id);
  const threshold = thresholdOf(scores.all, request.tpr);
  const description = describe(opened, request, { threshold, scores });
  const limit = constant({ data: Float32Array.of(threshold.value), shape: [] });
  const outputs = outputsOf(opened, request.input, limit);
  const metadata = { [descriptionKey]: json(description) };
  const { farout: producerVersion = '' } = opened.results.versions;
  const replaceable = { [thresholdName]: limit };
  const bytes = writeOnnx(outputs, { portable: true, replaceable, metadata, producerVersion });
  return { bytes, description, compared: await compare(bytes, opened, { ...description, scores }) };
}

const floatInput = 'pixel_values';

/** What the file gives for a batch of images. */
function outputsOf(opened: RunDetector, kind: ExportRequest['input'], limit: Tensor): Record<string, Tensor> {
  const { crop } = opened.experiment.backbone.params;
  const images: ImageAccess =
    kind === 'pixels'
      ? opened.backbone.images
      : { ...opened.backbone.images, image: input(floatInput, ['N', 3, crop, crop]) };
  const { logits, score } = traceRunDetector(opened, images);
  const column = score.unsqueeze([1]);
  return {
    logits,
    probabilities: logits.softmax(),
    score: column,
    is_in_distribution: column.greater(limit),
  };
}

/** So many ID scores lie in the file as they are; of more, as many quantiles. */
const mostScores = 4096;

function describe(
  { results, experiment, hooks, scorer, seen, backbone: { classes } }: RunDetector,
  request: ExportRequest,
  { threshold, scores }: { readonly threshold: Threshold; readonly scores: RunScores },
): Exported['description'] {
  const { mean, std, resize, crop, interpolation = 'bilinear', sides = 'shorter' } = experiment.backbone.params;
  const partOf = (kind: 'hook' | 'scorer') => (part: (typeof hooks)[number] | typeof scorer) => ({
    kind,
    name: part.definition.name,
    params: part.params,
    learnt: Object.fromEntries(
      Object.entries(part.learnt).map(([name, { data, shape }]) => [
        name,
        shape.length === 0 ? Number(data[0]) : { shape: [...shape] },
      ]),
    ),
  });
  const labels = request.labels ?? results.classes;
  const { backbone, head } = results.hashes;
  return {
    schemaVersion: descriptionVersion,
    detector: request.detector,
    parts: [...hooks.map(partOf('hook')), partOf('scorer')(scorer)],
    threshold: { ...threshold, rule: 'tpr' },
    predicted: Array.from({ length: classes }, (_, each) => scores.predicted.get(each) ?? 0),
    idScores: quantilesOf(scores.all, mostScores),
    input: { kind: request.input, name: request.input === 'float' ? floatInput : 'pixels', size: crop },
    preprocessing: { resize, crop, interpolation, sides, mean: [...mean], std: [...std] },
    ...(labels && { labels: [...labels] }),
    ...(seen &&
      seen.length <= mostContents * markBytes && { learntFrom: { contents: Buffer.from(seen).toString('base64') } }),
    results: resultsOf(results, request.detector),
    hashes: {
      backbone,
      ...(head !== undefined && { head }),
      id: Object.fromEntries(experiment.id.map((name) => [name, results.datasets[name]!.fingerprint])),
    },
    versions: { ...results.versions },
  };
}

const resultsOf = ({ results }: RunResults, detector: string): Description['results'] =>
  results
    .filter((each) => each.detector === detector)
    .map(({ ood, metric, value, interval }) => ({
      ood,
      metric,
      value,
      ...(interval && { interval: { ...interval } }),
    }));

/** So many ID images are scored again, spread over all. */
const comparedImages = 64;
/** What another order of sums may change, relative to the largest score. */
const mostDifference = 1e-4;

async function compare(
  bytes: Uint8Array,
  opened: RunDetector,
  { scores, ...description }: Description & { readonly scores: RunScores },
): Promise<Exported['compared']> {
  const session = await openSession(bytes, { threads: 1 });
  const step = Math.max(1, Math.floor(scores.all.length / comparedImages));
  const scale = scores.all.reduce(
    (most, score) => (Number.isFinite(score) ? Math.max(most, Math.abs(score)) : most),
    0,
  );
  let [images, difference] = [0, 0];
  try {
    for await (const { dataset, id, pixels } of idImages(opened, step)) {
      const known = scores.of(dataset, id);
      if (known === undefined) continue;
      const [found] = (await session.run(feedsOf(pixels, description))).score!.data as Float32Array;
      images++;
      if (found !== known) difference = Math.max(difference, Math.abs(found! - known) / (scale || 1));
    }
  } finally {
    await session.release();
  }
  if (images > 0 && difference <= mostDifference) return { images, difference };
  const why =
    images === 0 ? 'none of the ID images of the run is there' : `its scores are off by ${difference.toPrecision(2)}`;
  throw new FaroutError('OOD_EXPORT_REFUSED', `the file cannot be held to the run: ${why}`, {
    fix: 'Say where the ID images lie now, as --set datasets.<name>.image-folder.root=<folder>; or run the experiment again.',
  });
}
