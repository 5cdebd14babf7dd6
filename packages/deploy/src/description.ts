import { z } from '@farout/core';

/** The name under which a file's metadata holds its description. */
export const descriptionKey = 'farout';

/** The version of the description; it changes when a reader of the former one would be misled. */
export const descriptionVersion = 1;

const fraction = z.number().min(0).max(1);
/** A number that JSON may not have. */
const number = z.union([z.number(), z.enum(['Infinity', '-Infinity']).transform(Number)]);
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

/** What an exported file says of itself. It may come from anybody: it is text and numbers, and nothing in it is executed or opened. */
export const descriptionSchema = z.strictObject({
  schemaVersion: z.literal(descriptionVersion),
  /** As the run's tables call it. */
  detector: text,
  parts: z.array(part).min(1),
  /** An image is taken for in-distribution when its score is greater than `value`. */
  threshold: z.strictObject({
    value: z.number(),
    score: z.number(),
    rule: z.enum(['tpr']),
    tpr: fraction,
    index: z.int().min(0),
    count: z.int().min(1),
  }),
  /** Ascending ID scores: all of them, or as many quantiles of `count` scores, evenly apart, the lowest and the highest among them. */
  idScores: z.strictObject({ count: z.int().min(1), scores: z.array(number).min(1) }),
  input: z.strictObject({
    kind: z.enum(['pixels', 'float']),
    name: text,
    /** Sides of an image as the file takes it, in pixels. */
    size: side,
  }),
  /** How an image becomes the input; mean and deviation are in the graph where it takes pixels. */
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
  versions: z.record(z.string(), text),
});

/** See `descriptionSchema`. */
export type Description = z.output<typeof descriptionSchema>;
