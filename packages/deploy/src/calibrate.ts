import { readFile } from 'node:fs/promises';
import { FaroutError, type Progress } from '@farout/core';
import { OnnxError, replaceInOnnx, tableInOnnx } from '@farout/onnx';
import { json } from '@farout/runner';
import { complement } from '@farout/statistics';
import { descriptionKey, quantilesOf, tableName, thresholdName, type Description, type Verdict } from '@farout/verdict';
import { lineUnder, ownClasses, refused, refuseTooFew, type Asked } from './conformal-threshold.ts';
import { loadDetector } from './load-detector.ts';
import { readDescription } from './read-description.ts';
import { scoreImages } from './score-images.ts';
import { toldApart, type ImageFile, type UnreadImage } from './told-apart.ts';

/** An in-distribution image used for calibration: a file, and its name. */
export type CalibrationImage = ImageFile;

/** What to calibrate, on which images, with which guarantee. */
export interface CalibrationRequest extends Asked {
  /** A file written by `exportDetector`, or its bytes. */
  readonly model: string | Uint8Array;
  /** In-distribution images, representative of those to come. */
  readonly images: readonly CalibrationImage[];
  /** Whether frequently predicted classes get their own thresholds, so the guarantee holds for each of them. */
  readonly perClass?: boolean;
  readonly progress?: Progress;
}

/** A calibrated detector. */
export interface Calibrated {
  /** The file with a new threshold and description; the same request gives the same bytes. */
  readonly bytes: Uint8Array;
  readonly description: Description & { readonly threshold: { readonly rule: 'conformal' } };
  /** How many of the calibration images it rejects. */
  readonly refused: number;
  /** How many calibration images there are. */
  readonly images: number;
  /** Images left out because they cannot be read. */
  readonly unreadable: readonly UnreadImage[];
  /** Images left out because they are byte-identical to an earlier one. */
  readonly repeated: readonly string[];
}

type ConformalThreshold = Calibrated['description']['threshold'];

/** The file stores up to this many calibration scores; for more, this many quantiles. */
const mostScores = 65_536;

/**
 * Learns a new threshold for a detector on the user's own in-distribution images, by split conformal prediction: an image is rejected if its
 * score is below the k-th smallest of n calibration scores. A new image from the same distribution is rejected with a probability of at most
 * k / (n + 1) ≤ α, over all calibration sets. With `confidence`, the threshold of this calibration set rejects at most α of such images, with
 * that probability. With `perClass`, both hold for the images predicted as each frequent class, and for those predicted as any other class.
 *
 * @throws FaroutError OOD_CALIBRATION_REFUSED for too few images, for an image that the detector was fitted on or scores as NaN, and if
 * the scores give no threshold; OOD_DETECTOR_FILE_INVALID, OOD_MISSING_FILE.
 */
export async function calibrateDetector(request: CalibrationRequest): Promise<Calibrated> {
  const former = await readDescription(request.model);
  refuseTooFew(request.images.length, request, all);
  const { images, repeated, learntFrom, unreadable: unopened } = await toldApart(request.images, former);
  refuseLearnt(learntFrom);
  const { known, unreadable: undecoded } = await scoresOf(images, request);
  const unreadable = [...unopened, ...undecoded];
  const [first] = unreadable;
  refuseTooFew(known.length, request, all, first && ` ${first.name} was left out: ${first.reason}.`);
  const threshold = thresholdOf(known, request, former);
  const idScores = quantilesOf(scoresIn(known), mostScores);
  const description = { ...former, threshold, idScores };
  const bytes = await rewritten(request.model, former, description);
  const limitOf = limits(threshold);
  await verify(bytes, limitOf, known);
  const below = known.filter((each) => each.score <= limitOf(each.class)).length;
  return { bytes, description, refused: below, images: known.length, repeated, unreadable };
}

/** The description of images in messages: nothing to add for all images. */
const all = '';

function refuseLearnt([first, ...more]: readonly string[]): void {
  if (first === undefined) return;
  const what = more.length === 0 ? 'it is one' : `${more.length + 1} of these images are among those`;
  throw refused(
    `${first} cannot calibrate: ${what} that the detector learnt from or that chose its parameters`,
    'Use images that the detector has not seen.',
  );
}

interface ScoredImage extends CalibrationImage, Pick<Verdict, 'score' | 'class'> {}

async function scoresOf(
  images: readonly CalibrationImage[],
  { model, progress }: CalibrationRequest,
): Promise<{ readonly known: readonly ScoredImage[] } & Pick<Calibrated, 'unreadable'>> {
  const known: ScoredImage[] = [];
  const unreadable: UnreadImage[] = [];
  const detector = await loadDetector(model);
  let done = 0;
  progress?.start('Scoring', images.length, 0, 'images');
  try {
    for await (const scored of scoreImages(detector, images)) {
      const { name } = scored;
      if ('unreadable' in scored) unreadable.push({ name, reason: scored.unreadable });
      else if (Number.isNaN(scored.verdict.score))
        throw refused(`${name} has the score NaN`, 'Check this image, or leave it out.');
      else known.push({ ...images[done]!, score: scored.verdict.score, class: scored.verdict.class });
      done++;
      progress?.advance(1);
    }
  } finally {
    progress?.stop();
    await detector.close();
  }
  return { known, unreadable };
}

const scoresIn = (images: readonly ScoredImage[]) => Float32Array.from(images, ({ score }) => score);

function thresholdOf(
  known: readonly ScoredImage[],
  request: CalibrationRequest,
  former: Description,
): ConformalThreshold {
  if (known.every(({ score }) => score === known[0]!.score))
    throw refused('the detector gives all images the same score', 'Calibrate another detector of the run.');
  const { tpr, confidence, perClass = false } = request;
  const promise = { tpr: Number(tpr), alpha: Number(complement(tpr)) };
  const sure = confidence === undefined ? {} : { confidence: Number(confidence) };
  const lines = perClass ? linesOf(known, request, former) : lineUnder(scoresIn(known), request, all);
  const own = hasTable(former) ? { own: [] } : {};
  return { rule: 'conformal', ...promise, ...sure, ...own, ...lines };
}

const hasTable = ({ threshold }: Description) => threshold.rule === 'conformal' && threshold.own !== undefined;

/** The thresholds of frequent classes, and one for all other images; for all images if every class is frequent. */
function linesOf(known: readonly ScoredImage[], asked: Asked, { predicted, labels }: Description) {
  if (!predicted)
    throw invalid(
      'it does not record how many ID images of the run are predicted as each class, which --per-class needs',
    );
  const classes = ownClasses(predicted, known.length, asked);
  const nameOf = (each: number) => ` predicted as class ${labels?.[each] ?? each}`;
  const own = classes.map((each) => {
    const images = known.filter((image) => image.class === each);
    return { class: each, ...lineUnder(scoresIn(images), asked, nameOf(each)) };
  });
  const isShared = classes.length < predicted.length;
  const others = isShared ? known.filter((image) => !classes.includes(image.class)) : known;
  return { ...lineUnder(scoresIn(others), asked, ' predicted as other classes'), own };
}

/** Returns the threshold for a class. */
function limits({ value, own = [] }: ConformalThreshold): (each: number) => number {
  const ofClass = new Map(own.map((each) => [each.class, each.value]));
  return (each) => ofClass.get(each) ?? value;
}

async function rewritten(
  model: string | Uint8Array,
  former: Description,
  description: Calibrated['description'],
): Promise<Uint8Array> {
  const bytes = typeof model === 'string' ? await readFile(model) : model;
  const { value, own } = description.threshold;
  const table = Float32Array.from(description.predicted ?? [], (_, each) => limits(description.threshold)(each));
  const metadata = { [descriptionKey]: json(description) };
  const single = { [thresholdName]: { data: Float32Array.of(value), shape: [] } };
  const replaced = { [tableName]: { data: table, shape: [table.length] } };
  const chosen = { constant: thresholdName, name: tableName, values: table, by: 'probabilities' };
  try {
    if (hasTable(former)) return replaceInOnnx(bytes, { constants: replaced, metadata });
    if (own) return replaceInOnnx(tableInOnnx(bytes, chosen), { metadata });
    return replaceInOnnx(bytes, { constants: single, metadata });
  } catch (cause) {
    if (cause instanceof OnnxError) throw invalid(cause.message, cause);
    throw cause;
  }
}

/** Checks that the file itself decides the same, on the images next to its thresholds. */
async function verify(
  bytes: Uint8Array,
  limitOf: (each: number) => number,
  images: readonly ScoredImage[],
): Promise<void> {
  const detector = await loadDetector(bytes);
  try {
    for (const limit of new Set(images.map((each) => limitOf(each.class)))) {
      const ascending = images.filter((each) => limitOf(each.class) === limit).sort((a, b) => a.score - b.score);
      const first = ascending.findIndex(({ score }) => score > limit);
      for (const { image, score } of ascending.slice(Math.max(0, first - 1), first + 1)) {
        const verdict = await detector.score(image);
        if (verdict.score !== score || verdict.isInDistribution !== score > limit)
          throw invalid('its verdicts do not follow its threshold');
      }
    }
  } finally {
    await detector.close();
  }
}

const invalid = (why: string, cause?: unknown) =>
  new FaroutError('OOD_DETECTOR_FILE_INVALID', `the file cannot be calibrated: ${why}`, {
    fix: 'Export the detector again.',
    cause,
  });
