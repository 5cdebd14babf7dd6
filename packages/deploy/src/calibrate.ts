import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { FaroutError, type Progress } from '@farout/core';
import { OnnxError, replaceInOnnx } from '@farout/onnx';
import { json } from '@farout/runner';
import {
  complement,
  confidentRank,
  conformalRank,
  leastForConfidence,
  leastForRank,
  type Decimal,
} from '@farout/statistics';
import { markOf, marksOf } from './contents.ts';
import { descriptionKey, thresholdName, type Description } from './description.ts';
import { loadDetector, type LoadedDetector } from './load-detector.ts';
import { quantilesOf } from './ranks.ts';
import { readDescription } from './read-description.ts';

/** An image in distribution that calibrates: a file, and what it is called. */
export interface CalibrationImage {
  readonly name: string;
  /** Absolute path, or the file's bytes. */
  readonly image: string | Uint8Array;
}

/** What is calibrated, by what, and what is promised. */
export interface CalibrationRequest {
  /** A file of `exportDetector`, or its bytes. */
  readonly model: string | Uint8Array;
  /** Images in distribution, and like those to come. */
  readonly images: readonly CalibrationImage[];
  /** The share of images in distribution that are accepted: 1 − α. */
  readonly tpr: Decimal;
  /** γ: how sure it is that this very threshold refuses at most α of them; the promise is kept on average when absent. */
  readonly confidence?: Decimal;
  readonly progress?: Progress;
}

/** A detector with a threshold of its user's own. */
export interface Calibrated {
  /** The file with another constant and another description; the same request gives the same bytes. */
  readonly bytes: Uint8Array;
  readonly description: Description & { readonly threshold: { readonly rule: 'conformal' } };
  /** How many of the calibration images it refuses. */
  readonly refused: number;
  /** Images that were left out because they cannot be read. */
  readonly unreadable: readonly { readonly name: string; readonly reason: string }[];
  /** Images that were left out because they are, to the byte, an earlier one. */
  readonly repeated: readonly string[];
}

/** So many calibration scores lie in the file as they are; of more, as many quantiles. */
const mostScores = 65_536;

/**
 * Learns the threshold of a detector anew on images in distribution of the user's own, by split conformal prediction: an image is refused
 * whose score is below the k-th smallest of n calibration scores. A further image that comes as these did is refused with a probability of
 * at most k / (n + 1) ≤ α over all calibration sets; with `confidence` this very set's threshold refuses at most α of them, with that
 * probability.
 *
 * @throws FaroutError OOD_CALIBRATION_REFUSED for too few images, for one that the detector learnt from or that it gives NaN, and where
 * their scores give no threshold; OOD_DETECTOR_FILE_INVALID, OOD_MISSING_FILE.
 */
export async function calibrateDetector(request: CalibrationRequest): Promise<Calibrated> {
  const former = await readDescription(request.model);
  refuseTooFew(request.images.length, request);
  const { images, repeated, unreadable: unopened } = await toldApart(request.images, former);
  const scored = await scoresOf(images, request);
  const unreadable = [...unopened, ...scored.unreadable];
  refuseTooFew(scored.known.length, request, unreadable[0]);
  const ascending = Float32Array.from(scored.known, ({ score }) => score).sort();
  const threshold = thresholdOf(ascending, request);
  const idScores = quantilesOf(ascending, mostScores);
  const description = { ...former, threshold, idScores };
  const bytes = await rewritten(request.model, description);
  await verify(bytes, threshold.value, scored.known);
  const refused = ascending.filter((score) => score <= threshold.value).length;
  return { bytes, description, refused, repeated, unreadable };
}

function refuseTooFew(
  n: number,
  { tpr, confidence }: CalibrationRequest,
  unreadable?: Calibrated['unreadable'][number],
): void {
  const alpha = complement(tpr);
  const least = confidence === undefined ? leastForRank(alpha) : leastForConfidence(alpha, confidence);
  if (n >= least) return;
  const sure = confidence === undefined ? '' : ` with a confidence of ${confidence}`;
  const are = n === 1 ? '1 image is' : `${n} images are`;
  throw refused(
    `${are} too few to promise${sure} that at most ${percent(Number(alpha))} of the images in distribution are refused`,
    `Take ${least} or more.${unreadable ? ` ${unreadable.name} was left out: ${unreadable.reason}.` : ''}`,
  );
}

const percent = (share: number) => `${Number((100 * share).toPrecision(12))} %`;

interface ReadImage {
  readonly name: string;
  readonly image: string | Uint8Array;
}

/** The images that can be opened, each content once; none that the detector has seen. */
async function toldApart(
  images: readonly CalibrationImage[],
  { learntFrom }: Description,
): Promise<Omit<Calibrated, 'bytes' | 'description' | 'refused'> & { readonly images: readonly ReadImage[] }> {
  const learnt = new Set(learntFrom && marksOf(learntFrom.contents));
  const seen = new Set<string>();
  const kept: ReadImage[] = [];
  const [repeated, known]: [string[], string[]] = [[], []];
  const unreadable: { name: string; reason: string }[] = [];
  for (const { name, image } of images) {
    try {
      const content = createHash('sha256').update(typeof image === 'string' ? await readFile(image) : image);
      const hash = content.digest('hex');
      if (learnt.has(markOf(hash))) known.push(name);
      if (seen.has(hash)) repeated.push(name);
      else kept.push({ name, image });
      seen.add(hash);
    } catch (error) {
      unreadable.push({ name, reason: (error as Error).message });
    }
  }
  if (known.length === 0) return { images: kept, repeated, unreadable };
  const what = known.length === 1 ? 'it is an image' : `${known.length} of these images are among those`;
  throw refused(
    `${known[0]!} cannot calibrate: ${what} that the detector learnt from or that chose its parameters`,
    'Take images that it has not seen.',
  );
}

interface ScoredImage extends ReadImage {
  readonly score: number;
}

async function scoresOf(
  images: readonly ReadImage[],
  request: CalibrationRequest,
): Promise<{ readonly known: readonly ScoredImage[] } & Pick<Calibrated, 'unreadable'>> {
  const known: ScoredImage[] = [];
  const unreadable: { name: string; reason: string }[] = [];
  const detector = await loadDetector(request.model);
  request.progress?.start('Scoring', images.length, 0, 'images');
  try {
    for (const { name, image } of images) {
      const score = await scoreOf(detector, image);
      if (typeof score === 'string') unreadable.push({ name, reason: score });
      else if (Number.isNaN(score)) throw refused(`${name} has the score NaN`, 'Look at this image, or leave it out.');
      else known.push({ name, image, score });
      request.progress?.advance(1);
    }
  } finally {
    request.progress?.stop();
    await detector.close();
  }
  return { known, unreadable };
}

/** Its score, or why it cannot be read. */
async function scoreOf({ score }: LoadedDetector, image: string | Uint8Array): Promise<number | string> {
  try {
    return (await score(image)).score;
  } catch (error) {
    if (error instanceof FaroutError && error.code === 'OOD_IMAGE_UNREADABLE') return error.message;
    throw error;
  }
}

function thresholdOf(
  ascending: Float32Array,
  { tpr, confidence }: CalibrationRequest,
): Calibrated['description']['threshold'] {
  const n = ascending.length;
  const alpha = complement(tpr);
  const k = confidence === undefined ? conformalRank(n, alpha) : confidentRank(n, alpha, confidence);
  const score = ascending[k - 1]!;
  const fix = 'Calibrate another detector of the run, or with other images.';
  if (ascending[0] === ascending.at(-1)) throw refused('the detector gives all of them the same score', fix);
  if (!Number.isFinite(score)) throw refused(`their score of rank ${k} is ${score}`, fix);
  const sure = confidence === undefined ? {} : { confidence: Number(confidence) };
  return { rule: 'conformal', value: nextUnder(score), score, tpr: Number(tpr), alpha: Number(alpha), k, n, ...sure };
}

/** The largest float32 below one. */
function nextUnder(score: number): number {
  const bits = new Int32Array(1);
  const number = new Float32Array(bits.buffer);
  number[0] = score;
  if (score === 0) bits[0] = smallestBelowZero;
  else bits[0]! += score > 0 ? -1 : 1;
  return number[0];
}

const smallestBelowZero = 0x8000_0001 | 0;

async function rewritten(model: string | Uint8Array, description: Calibrated['description']): Promise<Uint8Array> {
  const bytes = typeof model === 'string' ? await readFile(model) : model;
  const limit = { data: Float32Array.of(description.threshold.value), shape: [] };
  try {
    const metadata = { [descriptionKey]: json(description) };
    return replaceInOnnx(bytes, { constants: { [thresholdName]: limit }, metadata });
  } catch (cause) {
    if (!(cause instanceof OnnxError)) throw cause;
    throw invalid(cause.message, cause);
  }
}

/** The file itself must decide so, on the images next to its threshold. */
async function verify(bytes: Uint8Array, limit: number, images: readonly ScoredImage[]): Promise<void> {
  const ascending = images.toSorted((a, b) => a.score - b.score);
  const first = ascending.findIndex(({ score }) => score > limit);
  const detector = await loadDetector(bytes);
  try {
    for (const { image, score } of ascending.slice(Math.max(0, first - 1), first + 1)) {
      const verdict = await detector.score(image);
      if (verdict.score !== score || verdict.isInDistribution !== score > limit)
        throw invalid('it does not decide by its threshold');
    }
  } finally {
    await detector.close();
  }
}

const refused = (why: string, fix: string) => new FaroutError('OOD_CALIBRATION_REFUSED', why, { fix });

const invalid = (why: string, cause?: unknown) =>
  new FaroutError('OOD_DETECTOR_FILE_INVALID', `the file cannot be calibrated: ${why}`, {
    fix: 'Export the detector again.',
    cause,
  });
