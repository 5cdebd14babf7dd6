import * as z from 'zod';

/** So many images are named in a file by their contents, each by so many bytes. */
export const mostContents = 100_000;
const contentBytes = 6;

/** The name under which a file's metadata holds its description. */
export const descriptionKey = 'farout';

/** The constant of the graph that a score must exceed. */
export const thresholdName = 'farout.threshold';

/** The constant of a graph with thresholds of classes, one for each, in the place of the other. */
export const tableName = 'farout.class_thresholds';

/** The version of the description; it changes when a reader of the former one would be misled. */
export const descriptionVersion = 1;

const fraction = z.number().min(0).max(1);
/** A number that JSON may not have. */
const number: z.ZodType<number> = z.union([z.number(), z.enum(['Infinity', '-Infinity']).transform(Number)]);
const text = z.string().max(10_000);
/** Pixels of a side: memory for an image is taken by it. */
const side = z.int().min(1).max(8192);

const part = z.strictObject({
  kind: z.enum(['hook', 'scorer']),
  name: text,
  params: z.record(z.string(), z.unknown()),
  /** Numbers as they are, of arrays their shape. */
  learnt: z.record(z.string(), z.union([number, z.strictObject({ shape: z.array(z.int().min(0)) })])),
});

const share = z.number().gt(0).lt(1);
const line = {
  /** An image is taken for in-distribution when its score is greater. */
  value: z.number(),
  /** The ID score that the rule names. */
  score: z.number(),
  /** The share of ID images that was to be accepted. */
  tpr: fraction,
};

/** The rule by which a threshold was taken from ID scores. */
const threshold = z.discriminatedUnion('rule', [
  /** As the run's results have it: the ascending score at `index` of `count`; half of the way to the next larger one. */
  z.strictObject({ rule: z.literal('tpr'), ...line, index: z.int().min(0), count: z.int().min(1) }),
  /** Of images of the user's own: the k-th smallest of n scores, split conformal; the next smaller float32. */
  z.strictObject({
    rule: z.literal('conformal'),
    ...line,
    alpha: share,
    k: z.int().min(1),
    n: z.int().min(1),
    /** That this very threshold refuses at most alpha; absent where that is promised on average alone. */
    confidence: share.optional(),
    /**
     * Classes whose images have thresholds of their own, by the largest of `probabilities`; `value` is for all others. Where it is there,
     * the graph has a table of them.
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

/** What an exported file says of itself. It may come from anybody: it is text and numbers, and nothing in it is executed or opened. */
export const descriptionSchema = z.strictObject({
  schemaVersion: z.literal(descriptionVersion),
  /** As the run's tables call it. */
  detector: text,
  parts: z.array(part).min(1),
  threshold,
  /**
   * The images that the detector learnt from or that chose its parameters, by content: the first 6 bytes of SHA-256 of each, ascending, as
   * base64. Absent where they are more than 100,000, or the run does not say which they were.
   */
  learntFrom: z.strictObject({ contents: z.base64().max((mostContents * contentBytes * 4) / 3) }).optional(),
  /** Ascending scores of the ID images that the threshold was taken from: all of them, or as many quantiles of `count` scores, evenly apart, the lowest and the highest among them. */
  idScores: z.strictObject({ count: z.int().min(1), scores: z.array(number).min(1) }),
  /**
   * Where the file may score otherwise than the run did, by its input or by the precision of its weights: then threshold and ID scores are of
   * its own scores of the run's ID images. How many of these it decides otherwise than the run by its threshold for the same share, and the
   * largest difference of scores, relative to the largest score.
   */
  ownScores: z.strictObject({ moved: z.int().min(0), difference: z.number().min(0) }).optional(),
  /** In half precision are so many arrays of weights; absent where all are in single precision. */
  half: z.strictObject({ arrays: z.int().min(0), kept: z.int().min(0) }).optional(),
  /** How many of the run's ID images are taken for each class, in the network's numbering; absent where the run does not say so. */
  predicted: z.array(z.int().min(0)).optional(),
  input: z.strictObject({
    kind: z.enum(['pixels', 'float', 'photo']),
    name: text,
    /** Sides of an image as the file takes it, in pixels; where it takes photographs, of the square that the graph cuts from them. */
    size: side,
  }),
  /** How an image becomes the input; mean and deviation are in the graph where it takes pixels, all of it where it takes photographs. */
  preprocessing: z.strictObject({
    resize: side,
    crop: side,
    interpolation: z.enum(['bilinear', 'bicubic']),
    sides: z.enum(['shorter', 'both']),
    mean: z.array(z.number()).length(3),
    std: z.array(z.number()).length(3),
  }),
  /** What classes are called, in the network's numbering; absent where nothing says so. */
  labels: z.array(text).optional(),
  /** What the run measured of the detector, fractions. */
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
  /** The terms of the network's weights; absent where no manifest knows the files. */
  licence: text.optional(),
  versions: z.record(z.string(), text),
});

/** See `descriptionSchema`. */
export type Description = z.output<typeof descriptionSchema>;
