import { filePath, schemaOf, z, type DatasetDefinition } from '@farout/core';
import { madeSets } from '../experiment.ts';
import type { Definitions, NamedKind } from '../plugins/catalogue.ts';

const partGrammar = 'must be a name, or { name: { parameters } }';
const name = () => z.string().min(1);

/** `msp`, or `react: { percentile: 90 }`; a name with nothing after it has its defaults. */
export const partSchema = z.union(
  [
    name(),
    z
      .record(z.string(), z.record(z.string(), z.unknown()).nullable())
      .refine((part) => Object.keys(part).length === 1, { error: ({ input }) => namesOf(input as object) })
      .meta({ minProperties: 1, maxProperties: 1 }),
  ],
  { error: partGrammar },
);

function namesOf(part: object): string {
  const names = Object.keys(part);
  if (names.length === 0) return 'names no part';
  return `names ${names.length} parts at once: ${names.slice(0, 5).join(', ')}${names.length > 5 ? ', …' : ''}`;
}

const detectorSchema = z.union([partSchema, z.array(partSchema).min(1)], {
  error: 'must be a scorer, or a list of hooks with a scorer last',
});

/** Checked as a whole, so that the message says what a fraction is; the bounds are for editors. */
const fraction = z
  .number()
  .refine((value) => value >= 0 && value <= 1, 'must be a fraction from 0 to 1')
  .meta({ minimum: 0, maximum: 1 });

/** Bytes of a name in the usual file systems, less those of what stands behind it while the run is written. */
const longestName = 255 - 41;

const folderName = z
  .string()
  .regex(
    /^(?![. ])[^<>:"/\\|?*\p{Cc}]{1,100}(?<![. ])$/u,
    'must be the name of a folder: at most 100 letters, none of < > : " / \\ | ? *',
  )
  .refine((name) => Buffer.byteLength(name) <= longestName, `must have at most ${longestName} bytes in UTF-8`);

const namesOfDatasets = z.union([name(), z.array(name()).min(1)], {
  error: 'must be the name of a dataset, or a list of them',
});

const shownPoints = z.enum(['chosen', 'all']);

/** What stands behind `select:`. */
const selectSchema = z.strictObject({
  by: partSchema.optional().describe('the metric that chooses; the first of "metrics" when it is absent'),
  id: namesOfDatasets.describe('the dataset in distribution, or several, with no image of "id" in it'),
  ood: namesOfDatasets
    .optional()
    .describe(`the datasets out of distribution; ${madeSets.join(', ')} are made, and are all taken when it is absent`),
  show: z
    .union([shownPoints, z.record(name(), shownPoints)], {
      error: 'must be chosen or all, or one of these for each detector: { ReAct: all }',
    })
    .default('chosen')
    .describe('whether the chosen point alone is tested, or all are; or which of the two, by detector'),
  allowTestSets: z.boolean().default(false).describe('whether sets of "id" and "ood" may choose parameters'),
});

/** Read before all other keys, of which it brings more. */
export const extendsSchema = z
  .union([name(), z.array(name()).min(1)], { error: 'must be the path of an experiment, or a list of them' })
  .optional()
  .describe(
    'other experiments whose keys this one has too, where it does not have its own; of several, a later one wins',
  )
  .meta({ examples: ['base.yaml'] });

/**
 * The keys of an experiment. Examples are those of messages and of editors (`z.toJSONSchema`). What the parts are called
 * and which parameters they have is checked against the catalogue.
 */
export const experimentSchema = z.strictObject({
  extends: extendsSchema,
  name: folderName.describe('what the run and its folder are called').meta({ examples: ['react-resnet50'] }),
  seed: z
    .int()
    .min(0)
    .default(0)
    .describe('seed of all that is random')
    .meta({ examples: [0] }),
  seeds: z
    .int()
    .min(1)
    .max(100)
    .default(1)
    .describe('with how many seeds, from "seed" on, detectors are run that draw; their numbers are means')
    .meta({ examples: [5] }),
  device: z
    .enum(['cpu', 'cuda', 'webgpu', 'auto'])
    .default('cpu')
    .describe('what the networks run on; auto takes the first of cuda, webgpu and cpu that works')
    .meta({ examples: ['cpu'] }),
  backbone: partSchema
    .describe('the network')
    .meta({ examples: [{ resnet50: { weights: '../models/resnet50-0676ba61.pth' } }] }),
  datasets: z
    .record(name(), partSchema)
    .default({})
    .describe('datasets by name; others are looked up in datasets folders beside and above the file')
    .meta({ examples: [{ textures: { 'image-folder': { root: '../data/textures' } } }] }),
  id: namesOfDatasets
    .describe('the dataset in distribution, or several that count as one')
    .meta({ examples: ['imagenet-val'] }),
  fit: name()
    .optional()
    .describe('the dataset that detectors learn from')
    .meta({ examples: ['imagenet-train'] }),
  ood: z
    .array(name())
    .min(1)
    .describe(`the datasets out of distribution; ${madeSets.join(', ')} are made`)
    .meta({ examples: [['textures', 'sun']] }),
  groups: z
    .record(name(), z.array(name()).min(1))
    .default({})
    .describe('OOD sets over which numbers are averaged as well, by the name of the group')
    .meta({ examples: [{ near: ['ssb-hard', 'ninco'], far: ['inaturalist', 'textures'] }] }),
  detectors: z
    .record(name(), detectorSchema)
    .refine((detectors) => Object.keys(detectors).length > 0, 'must hold at least one detector')
    .describe('detectors by the name that tables call them')
    .meta({ examples: [{ Energy: 'energy', ReAct: ['react', 'energy'] }] }),
  select: selectSchema
    .optional()
    .describe('chooses a point of each sweep on data that is not the test')
    .meta({ examples: [{ by: 'auroc', id: 'validation' }] }),
  metrics: z
    .array(partSchema)
    .min(1)
    .optional()
    .describe('the columns of the table')
    .meta({ examples: [['fpr95', { 'aupr-in': { ratio: 1 } }]] }),
  published: z
    .record(name(), z.record(name(), z.record(name(), fraction)))
    .default({})
    .describe(
      'published numbers by detector, OOD set (or group, or average) and metric, shown next to the measured ones',
    )
    .meta({ examples: [{ ReAct: { textures: { fpr95: 0.473 }, average: { fpr95: 0.3143 } } }] }),
  plugins: z
    .array(name())
    .default([])
    .describe('packages and files that bring more parts')
    .meta({ examples: [['farout-margin', './margin.ts']] }),
  store: name()
    .optional()
    .describe(
      'folder of what runs share, relative to where farout is started, or an address such as s3://bucket/folder',
    )
    .meta({ examples: ['./store'] }),
  onUnreadable: z
    .enum(['skip', 'fail'])
    .default('skip')
    .describe('whether an image that cannot be read is left out or ends the run')
    .meta({ examples: ['skip'] }),
  allowOverlap: z
    .boolean()
    .default(false)
    .describe('whether parts that memorise images may be fitted on images that they are tested on')
    .meta({ examples: [true] }),
  allowLargeReadings: z
    .boolean()
    .default(false)
    .describe('whether the store may keep more than 64 KB of an image for a detector')
    .meta({ examples: [true] }),
});

/** The values of the keys of an experiment, parts as they are written. */
export type ExperimentKeys = z.output<typeof experimentSchema>;

/** What a metric takes: one that depends on the sizes of the sets takes another ratio of them. */
export const metricParameters = z.object({
  ratio: z
    .number()
    .min(1e-6)
    .max(1e6)
    .optional()
    .describe('weighs the OOD images so that there are so many to one ID image; by their numbers when absent'),
});

/** The key by which every dataset takes a part of its images; a dataset that has such a parameter of its own keeps that. */
export const splitKey = 'split';

/** What stands behind `split:`. */
export const splitSchema = z
  .object({
    every: z.int().min(2).optional().describe('takes one image of so many, in their order'),
    offset: z.int().min(0).optional().describe('which one, counted from 0; 0 when absent'),
    share: z.number().gt(0).max(1).optional().describe('takes this share of the images, drawn by their names'),
    from: z.number().min(0).lt(1).optional().describe('where the share begins: shares that do not meet are disjoint'),
    perClass: z.int().min(1).optional().describe('takes so many images of each class, drawn by their names'),
    seed: z.int().min(0).optional().describe('another seed draws others; 0 when absent'),
    list: filePath().optional().describe('takes the images that a text file names, one a line'),
    rest: z
      .boolean()
      .optional()
      .describe('takes the others instead: those that "list" does not name, or "perClass" leaves'),
  })
  .superRefine((split, context) => {
    const fault = splitFault(split as WrittenSplit);
    if (fault) context.addIssue({ code: 'custom', path: [], message: fault });
  })
  .describe(
    'takes a part of the images: { every: 2, offset: 0 }, { share: 0.5, from: 0, seed: 0 }, { perClass: 50, seed: 0 } or { list: fit.txt }',
  );

export type WrittenSplit = Readonly<
  Record<'every' | 'offset' | 'share' | 'from' | 'perClass' | 'seed', number | undefined> & {
    list: string | undefined;
    rest: boolean | undefined;
  }
>;

function splitFault({ every, offset, share, from = 0, perClass, seed, list, rest }: WrittenSplit): string | undefined {
  if ([every, share, perClass, list].filter((kind) => kind !== undefined).length !== 1)
    return 'needs one of "every", "share", "perClass" and "list"';
  if (rest !== undefined && perClass === undefined && list === undefined)
    return '"rest" works only with "perClass" and "list"';
  if (list !== undefined && seed !== undefined) return '"seed" works only with "share" and "perClass"';
  if (every === undefined && offset !== undefined) return '"offset" works only with "every"';
  if (share === undefined && from !== 0) return '"from" works only with "share"';
  if (every !== undefined && seed !== undefined) return '"seed" works only with "share" and "perClass"';
  if (every !== undefined && (offset ?? 0) >= every) return `"offset" counts from 0 to ${every - 1}`;
  if (share !== undefined && from + share > 1 + 1e-9) return '"from" and "share" are more than 1 together';
  return undefined;
}

/** Whether a dataset is split by the experiment, and not by a parameter of its own. */
export const isSplitByKey = (definition: Pick<DatasetDefinition, 'params'>): boolean =>
  !Object.hasOwn(schemaOf(definition).shape, splitKey);

/** The key by which a part that learns names a dataset of its own; one that has such a parameter of its own keeps that. */
export const fitKey = 'fit';

/** Whether a part takes that key. */
export const learnsFromKey = (kind: NamedKind, definition: Definitions[NamedKind]): boolean =>
  (kind === 'hook' || kind === 'scorer') &&
  (definition as Definitions['hook']).fit !== undefined &&
  !Object.hasOwn(schemaOf(definition as Definitions['hook']).shape, fitKey);

/** What stands behind `fit:` of a part. */
export const fitName = z
  .string()
  .min(1)
  .optional()
  .describe('the dataset that this part learns from, instead of the experiment\'s "fit"');
