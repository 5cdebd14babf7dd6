import * as z from 'zod';

/** A file lists the contents of up to this many images, with `contentBytes` bytes each. */
export const mostContents = 100_000;
const contentBytes = 6;

/** The metadata key of a file's description. */
export const descriptionKey = 'farout';

/** The name of the graph's constant that a score must exceed. */
export const thresholdName = 'farout.threshold';

/** The name of the constant with one threshold per class, which replaces the other in graphs with class thresholds. */
export const tableName = 'farout.class_thresholds';

/** The version of the description; it changes when a reader of the old format would be misled. */
export const descriptionVersion = 1;

const fraction = z.number().min(0).max(1);
/** A number that JSON may not be able to represent. */
const number: z.ZodType<number> = z.union([z.number(), z.enum(['Infinity', '-Infinity']).transform(Number)]);
const text = z.string().max(10_000);
/** A side in pixels; limited, because it decides the memory allocated for an image. */
const side = z.int().min(1).max(8192);

const part = z.strictObject({
  kind: z.enum(['hook', 'scorer']),
  name: text,
  params: z.record(z.string(), z.unknown()),
  /** Numbers directly; for arrays, their shape. */
  learnt: z.record(z.string(), z.union([number, z.strictObject({ shape: z.array(z.int().min(0)) })])),
});

const share = z.number().gt(0).lt(1);
const line = {
  /** An image is classified as in-distribution if its score is greater. */
  value: z.number(),
  /** The ID score that the rule selects. */
  score: z.number(),
  /** The requested share of accepted ID images. */
  tpr: fraction,
};

/** The rule that derived the threshold from ID scores. */
const threshold = z.discriminatedUnion('rule', [
  /** As in the run's results: the ascending score at `index` of `count`; the threshold is halfway to the next larger one. */
  z.strictObject({ rule: z.literal('tpr'), ...line, index: z.int().min(0), count: z.int().min(1) }),
  /** From the user's own images: the k-th smallest of n scores, split conformal; the threshold is the next smaller float32. */
  z.strictObject({
    rule: z.literal('conformal'),
    ...line,
    alpha: share,
    k: z.int().min(1),
    n: z.int().min(1),
    /** The confidence that this particular threshold rejects at most alpha; absent if that is only promised on average. */
    confidence: share.optional(),
    /**
     * Classes with their own thresholds, where an image's class is the largest of `probabilities`; `value` applies to all others. If
     * present, the graph contains a table of the thresholds.
     */
    own: z
      .array(
        z.strictObject({
          class: z.int().min(0),
          value: z.number(),
          score: z.number(),
          k: z.int().min(1),
          n: z.int().min(1),
        }),
      )
      .optional(),
  }),
]);

/** The description in an exported file. It is untrusted: it contains only text and numbers, and nothing in it is executed or opened. */
export const descriptionSchema = z.strictObject({
  schemaVersion: z.literal(descriptionVersion),
  /** Its name in the run's tables. */
  detector: text,
  parts: z.array(part).min(1),
  threshold,
  /**
   * The images that the detector learnt from, or that its parameters were chosen on, by content: the first 6 bytes of the SHA-256 of each,
   * ascending, as base64. Absent if there are more than 100,000, or if the run does not list them.
   */
  learntFrom: z.strictObject({ contents: z.base64().max((mostContents * contentBytes * 4) / 3) }).optional(),
  /**
   * The ascending scores of the ID images that the threshold was derived from: all of them, or evenly spaced quantiles of `count` scores,
   * including the lowest and the highest.
   */
  idScores: z.strictObject({ count: z.int().min(1), scores: z.array(number).min(1) }),
  /**
   * Present if the file's scores may differ from the run's, because of its input or the precision of its weights; the threshold and ID
   * scores then come from the file's own scores of the run's ID images. `moved`: how many of these images it classifies differently from
   * the run, with a threshold for the same share; `difference`: the largest difference of scores, relative to the largest score.
   */
  ownScores: z.strictObject({ moved: z.int().min(0), difference: z.number().min(0) }).optional(),
  /** The number of weight arrays stored in half precision (`arrays`) and kept in single precision (`kept`); absent if all are in single precision. */
  half: z.strictObject({ arrays: z.int().min(0), kept: z.int().min(0) }).optional(),
  /** The number of the run's ID images predicted as each class, in the network's numbering; absent if the run does not list them. */
  predicted: z.array(z.int().min(0)).optional(),
  input: z.strictObject({
    kind: z.enum(['pixels', 'float', 'photo']),
    name: text,
    /** The side of the file's input image, in pixels; if it takes photographs, the side of the square that the graph crops from them. */
    size: side,
  }),
  /** How an image becomes the input. If the file takes pixels, mean and deviation are in the graph; if it takes photographs, all of it is. */
  preprocessing: z.strictObject({
    resize: side,
    crop: side,
    interpolation: z.enum(['bilinear', 'bicubic']),
    sides: z.enum(['shorter', 'both']),
    mean: z.array(z.number()).length(3),
    std: z.array(z.number()).length(3),
  }),
  /** The class names, in the network's numbering; absent if unknown. */
  labels: z.array(text).optional(),
  /** The run's metrics of the detector, as fractions. */
  results: z.array(
    z.strictObject({
      ood: text,
      metric: text,
      value: number,
      interval: z.looseObject({ low: z.number(), high: z.number() }).optional(),
    }),
  ),
  /** SHA-256 of the graph from pixels to features, of the last layer, and of the ID images in order. */
  hashes: z.strictObject({ backbone: text, head: text.optional(), id: z.record(z.string(), text) }),
  /** The licence of the network's weights; absent if no manifest lists the files. */
  licence: text.optional(),
  versions: z.record(z.string(), text),
});

/** See `descriptionSchema`. */
export type Description = z.output<typeof descriptionSchema>;
