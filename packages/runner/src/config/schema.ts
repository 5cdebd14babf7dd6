import { filePath, schemaOf, z, type DatasetDefinition } from '@farout/core';
import { madeSets } from '../experiment.ts';
import type { Definitions, NamedKind } from '../plugins/catalogue.ts';

const partGrammar = 'must be a name, or { name: { parameters } }';
const name = () => z.string().min(1);

/** `msp`, or `react: { percentile: 90 }`; a name without a value means the defaults. */
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

/** Checked as a whole, so that the message says what a fraction is; the bounds in `meta` are for editors. */
const fraction = z
  .number()
  .refine((value) => value >= 0 && value <= 1, 'must be a fraction from 0 to 1')
  .meta({ minimum: 0, maximum: 1 });

/** Longest file name in common file systems (255 bytes), less the suffix added while the run is written. */
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

/** The value of `select:`. */
const selectSchema = z.strictObject({
  by: partSchema.optional().describe('the metric to select by; default: the first of "metrics"'),
  id: namesOfDatasets.describe('the in-distribution dataset or datasets to select on, with no image of "id"'),
  ood: namesOfDatasets
    .optional()
    .describe(`the OOD datasets to select on; default: all generated sets (${madeSets.join(', ')})`),
  show: z
    .union([shownPoints, z.record(name(), shownPoints)], {
      error: 'must be chosen or all, or one of these for each detector: { ReAct: all }',
    })
    .default('chosen')
    .describe('which points of each sweep to test, the chosen one or all; one value, or one per detector'),
  allowTestSets: z.boolean().default(false).describe('allow sets of "id" and "ood" to be used for selection'),
});

/** Read before all other keys, because it supplies further keys. */
export const extendsSchema = z
  .union([name(), z.array(name()).min(1)], { error: 'must be the path of an experiment, or a list of them' })
  .optional()
  .describe('experiments to inherit keys from; own keys take precedence, then those of later entries')
  .meta({ examples: ['base.yaml'] });

/**
 * The keys of an experiment. The examples appear in messages and in editors (`z.toJSONSchema`). Names and parameters
 * of parts are checked against the catalogue instead.
 */
export const experimentSchema = z.strictObject({
  extends: extendsSchema,
  name: folderName.describe('name of the run and of its folder').meta({ examples: ['react-resnet50'] }),
  seed: z
    .int()
    .min(0)
    .default(0)
    .describe('seed of all random draws')
    .meta({ examples: [0] }),
  seeds: z
    .int()
    .min(1)
    .max(100)
    .default(1)
    .describe('number of seeds, from "seed" upwards, for detectors that draw at random; results are means over them')
    .meta({ examples: [5] }),
  device: z
    .enum(['cpu', 'cuda', 'webgpu', 'auto'])
    .default('cpu')
    .describe('device for the networks; auto takes the first of cuda, webgpu and cpu that works')
    .meta({ examples: ['cpu'] }),
  backbone: partSchema
    .describe('the network')
    .meta({ examples: [{ resnet50: { weights: '../models/resnet50-0676ba61.pth' } }] }),
  datasets: z
    .record(name(), partSchema)
    .default({})
    .describe('datasets by name; any others are looked up in "datasets" folders beside and above the file')
    .meta({ examples: [{ textures: { 'image-folder': { root: '../data/textures' } } }] }),
  id: namesOfDatasets
    .describe('the in-distribution dataset, or several that are treated as one')
    .meta({ examples: ['imagenet-val'] }),
  fit: name()
    .optional()
    .describe('the dataset that detectors learn from')
    .meta({ examples: ['imagenet-train'] }),
  ood: z
    .array(name())
    .min(1)
    .describe(`the OOD datasets; ${madeSets.join(', ')} are generated`)
    .meta({ examples: [['textures', 'sun']] }),
  groups: z
    .record(name(), z.array(name()).min(1))
    .default({})
    .describe('groups of OOD sets, by name; results also give the mean over each group')
    .meta({ examples: [{ near: ['ssb-hard', 'ninco'], far: ['inaturalist', 'textures'] }] }),
  detectors: z
    .record(name(), detectorSchema)
    .refine((detectors) => Object.keys(detectors).length > 0, 'must hold at least one detector')
    .describe('detectors by the name used in tables')
    .meta({ examples: [{ Energy: 'energy', ReAct: ['react', 'energy'] }] }),
  select: selectSchema
    .optional()
    .describe('selects one point of each sweep on data other than the test data')
    .meta({ examples: [{ by: 'auroc', id: 'validation' }] }),
  metrics: z
    .array(partSchema)
    .min(1)
    .optional()
    .describe('metrics, shown as columns of the results table')
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
    .describe('packages and files that provide more parts')
    .meta({ examples: [['farout-margin', './margin.ts']] }),
  store: name()
    .optional()
    .describe('folder shared between runs, relative to the working directory; or an address such as s3://bucket/dir')
    .meta({ examples: ['./store'] }),
  onUnreadable: z
    .enum(['skip', 'fail'])
    .default('skip')
    .describe('skip an image that cannot be read, or fail the run')
    .meta({ examples: ['skip'] }),
  allowOverlap: z
    .boolean()
    .default(false)
    .describe('allow parts that memorise images to be fitted on images they are tested on')
    .meta({ examples: [true] }),
  allowLargeReadings: z
    .boolean()
    .default(false)
    .describe('allow the store to keep more than 64 KB per image for a detector')
    .meta({ examples: [true] }),
});

/** The values of the keys of an experiment; parts as written. */
export type ExperimentKeys = z.output<typeof experimentSchema>;

/** Parameters of a metric: one that depends on the sizes of the sets can be measured at another ratio of them. */
export const metricParameters = z.object({
  ratio: z
    .number()
    .min(1e-6)
    .max(1e6)
    .optional()
    .describe('weighs the OOD images to give this many per ID image; default: their actual numbers'),
});

/** The key that restricts any dataset to a part of its images. A dataset with its own parameter of that name keeps it. */
export const splitKey = 'split';

/** The value of `split:`. */
export const splitSchema = z
  .object({
    every: z.int().min(2).optional().describe('takes every n-th image, in order'),
    offset: z.int().min(0).optional().describe('index of the first image taken by "every", from 0; default 0'),
    share: z.number().gt(0).max(1).optional().describe('takes this share of the images, by a hash of their names'),
    from: z.number().min(0).lt(1).optional().describe('start of the share; ranges that do not overlap share no image'),
    perClass: z.int().min(1).optional().describe('takes this many images per class, by a hash of their names'),
    seed: z.int().min(0).optional().describe('another seed chooses other images; default 0'),
    list: filePath().optional().describe('takes the images named in a text file, one per line'),
    rest: z
      .boolean()
      .optional()
      .describe('takes the remaining images instead: those that "list" or "perClass" leaves out'),
  })
  .superRefine((split, context) => {
    const fault = splitFault(split as WrittenSplit);
    if (fault) context.addIssue({ code: 'custom', path: [], message: fault });
  })
  .describe(
    'takes part of the images: { every: 2, offset: 0 }, { share: 0.5, from: 0, seed: 0 }, { perClass: 50, seed: 0 } or { list: fit.txt }',
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

/** Whether a dataset is split by the reserved key rather than by a parameter of its own. */
export const isSplitByKey = (definition: Pick<DatasetDefinition, 'params'>): boolean =>
  !Object.hasOwn(schemaOf(definition).shape, splitKey);

/** The key with which a part that learns names its own fit set. A part with its own parameter of that name keeps it. */
export const fitKey = 'fit';

/** Whether a part accepts that key. */
export const learnsFromKey = (kind: NamedKind, definition: Definitions[NamedKind]): boolean =>
  (kind === 'hook' || kind === 'scorer') &&
  (definition as Definitions['hook']).fit !== undefined &&
  !Object.hasOwn(schemaOf(definition as Definitions['hook']).shape, fitKey);

/** The value of `fit:` in a part. */
export const fitName = z
  .string()
  .min(1)
  .optional()
  .describe('the dataset that this part learns from, instead of the experiment\'s "fit"');
