import type { ImageAccess, Progress } from '@farout/core';
import { writeOnnx } from '@farout/onnx';
import {
  json,
  normalised,
  openRunDetector,
  traceRunDetector,
  type RunDetector,
  type RunDetectorRequest,
} from '@farout/runner';
import { constant, input, type Tensor } from '@farout/tensor';
import { descriptionKey, thresholdName, type Description } from '@farout/verdict';
import { againstRun, sameAsRun, type Compared } from './compare.ts';
import { describe, floatInput, type Exporting } from './describe.ts';
import { halfWeights } from './half.ts';
import { pixelsOfPhoto } from './photo.ts';
import { readRunScores } from './run-scores.ts';
import { thresholdOf } from './threshold.ts';

/** How to export a detector to a file. */
export interface ExportRequest extends RunDetectorRequest {
  /** The share of the ID images that the threshold accepts; 0.95 in tables. */
  readonly tpr: number;
  /**
   * The input of the file: pixels, uint8 (N, crop, crop, 3); normalised images, float32 (N, 3, crop, crop), named `pixel_values`; or photographs,
   * uint8 (N, H, W, 3), which the graph resizes and crops.
   */
  readonly input: 'pixels' | 'float' | 'photo';
  /** Whether the network's weights are in half precision. */
  readonly half?: boolean;
  /** The class names, in the order of the network's outputs; default: those of the run. */
  readonly labels?: readonly string[];
  /** Reports progress when all ID images are scored again. */
  readonly progress?: Progress;
}

/** A detector as a file. */
export interface Exported {
  /** An ONNX model; the same request gives the same bytes. */
  readonly bytes: Uint8Array;
  readonly description: Description & { readonly threshold: { readonly rule: 'tpr' } };
  readonly compared: Compared;
}

/**
 * Writes a detector of a run as one ONNX model: backbone, hooks, last layer, scorer and threshold. Its outputs are `logits` and
 * `probabilities`, (N, K), both without hooks, and `score` and `is_in_distribution`, (N, 1). The file is first run on ID images of the run, and
 * its scores are compared with scores.csv.
 *
 * A file that takes photographs, or has half-precision weights, scores slightly differently from the run. Its threshold and ID scores are
 * computed by the file itself on all ID images of the run, so p values and thresholds mean the same as in other files.
 *
 * @throws FaroutError what `openRunDetector`, `thresholdOf` and `readRunScores` throw; OOD_EXPORT_REFUSED when the scores of the file differ
 * from those of the run.
 */
export async function exportDetector(request: ExportRequest): Promise<Exported> {
  const opened = await openRunDetector(request);
  const scores = await readRunScores(request.folder, request.detector, opened.experiment.id);
  const threshold = thresholdOf(scores.all, request.tpr);
  const traced = traceFile(opened, request);
  const exporting = { opened, request, predicted: scores.predicted, ...(traced.half && { half: traced.half }) };
  const first = written(traced, exporting, { threshold, idScores: scores.all });
  if (request.input !== 'photo' && !request.half) return { ...first, compared: await sameAsRun(first, opened, scores) };
  const { idScores, ...compared } = await againstRun(first, opened, { ...request, scores, threshold });
  const own = { threshold: thresholdOf(idScores, request.tpr), idScores, compared };
  return { ...written(traced, exporting, own), compared };
}

type Traced = ReturnType<typeof traceFile>;

/** Traces the outputs of the file for a batch of images, and its half-precision weights. */
function traceFile(opened: RunDetector, { input, half }: ExportRequest) {
  const { logits, score } = traceRunDetector(opened, imagesOf(opened, input));
  const column = score.unsqueeze([1]);
  return { logits, score: column, ...(half && { half: halfWeights(logits) }) };
}

function imagesOf({ backbone, experiment }: RunDetector, kind: ExportRequest['input']): ImageAccess {
  const { images } = backbone;
  const { params } = experiment.backbone;
  if (kind === 'pixels') return images;
  const [batch] = images.image.shape;
  const image: Tensor =
    kind === 'photo'
      ? normalised(pixelsOfPhoto(batch!, params), params)
      : input(floatInput, [batch!, 3, params.crop, params.crop]);
  return { ...images, image };
}

function written(
  { logits, score, half }: Traced,
  exporting: Exporting,
  known: Parameters<typeof describe>[1],
): Pick<Exported, 'bytes' | 'description'> {
  const description = describe(exporting, known);
  const limit = constant({ data: Float32Array.of(known.threshold.value), shape: [] });
  const outputs = { logits, probabilities: logits.softmax(), score, is_in_distribution: score.greater(limit) };
  const bytes = writeOnnx(outputs, {
    portable: true,
    replaceable: { [thresholdName]: limit },
    ...(half && { half: half.arrays }),
    metadata: { [descriptionKey]: json(description) },
    producerVersion: exporting.opened.results.versions.farout ?? '',
  });
  return { bytes, description };
}
