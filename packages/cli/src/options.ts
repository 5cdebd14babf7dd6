// Words and options of commands, in yargs' form. An option shared by several commands is the same in all of them.

export const experiment = { type: 'string', demandOption: true, describe: 'The experiment, a YAML file' } as const;

export const set = {
  type: 'string',
  array: true,
  requiresArg: true,
  default: [] as string[],
  defaultDescription: 'none',
  describe: 'Override a value of the experiment, such as --set seed=1; may be repeated',
} as const;

/** yargs collects repeated options in a list: takes the last value. */
export const lastOf = (given: string | string[]) => (typeof given === 'string' ? given : given.at(-1));

export const out = {
  type: 'string',
  requiresArg: true,
  defaultDescription: 'runs/<name>',
  describe: 'Output folder of the run; replaces an existing run',
  coerce: lastOf,
} as const;

export const open = {
  type: 'boolean',
  default: false,
  describe: 'Open the report in the browser when done',
} as const;

export const noReport = {
  type: 'boolean',
  default: false,
  describe: 'Skip the report; `farout report <run>` can create it later',
} as const;

export const pull = {
  type: 'boolean',
  default: false,
  describe: 'First download missing datasets and weights, like `farout pull <experiment>`',
} as const;

export const offline = {
  type: 'boolean',
  default: false,
  describe: 'Do not use the network; say where to put missing files',
} as const;

export const dryRun = {
  type: 'boolean',
  default: false,
  describe: 'Only show what would be downloaded, with sizes and licence terms',
} as const;

export const costs = {
  type: 'boolean',
  default: false,
  describe: 'Measure the time each detector takes per image',
} as const;

export const full = {
  type: 'boolean',
  default: false,
  describe: 'Include absolute paths and values of environment variables in the report',
} as const;

export const cores = {
  type: 'number',
  requiresArg: true,
  defaultDescription: 'all available',
  describe: 'Number of CPU cores to use; results do not depend on it',
} as const;

export const task = {
  type: 'string',
  requiresArg: true,
  defaultDescription: '0/1',
  describe: 'The task to run, as index/total, counted from 0: 0/64 to 63/64',
  coerce: lastOf,
} as const;

export const tasks = {
  type: 'number',
  requiresArg: true,
  defaultDescription: 'the last number used',
  describe: 'Number of tasks for the time estimate',
} as const;

export const list = {
  type: 'boolean',
  default: false,
  describe: 'Store the list of images of each dataset, so that tasks do not have to list it again',
} as const;

export const wave = {
  type: 'string',
  requiresArg: true,
  default: 'features',
  choices: ['features', 'fit', 'second'],
  describe:
    'Stage of the work. features: read images; fit: fit the detectors, in one task; second: read images with the fitted detectors',
} as const;

export const quiet = {
  type: 'boolean',
  default: false,
  describe: 'Print only errors to stderr; no progress',
} as const;

export const json = {
  type: 'boolean',
  default: false,
  describe: 'Print events as JSON on stdout, one object per line',
} as const;

export const nothingAtAll = { ...quiet, describe: 'Print nothing if the experiment is valid' } as const;

export const listAsJson = { ...json, describe: 'Print the result as one JSON object' } as const;

export const plugin = {
  type: 'string',
  array: true,
  requiresArg: true,
  default: [] as string[],
  defaultDescription: 'none',
  describe: 'Load a plugin: a package or a file, as in an experiment; may be repeated',
} as const;

export const ood = {
  type: 'string',
  array: true,
  requiresArg: true,
  default: [] as string[],
  defaultDescription: 'generated noise and textures',
  describe: 'Folder of out-of-distribution (OOD) images; may be repeated',
} as const;

export const weights = {
  type: 'string',
  requiresArg: true,
  defaultDescription: "torchvision's MobileNet-v2",
  describe: 'Your classifier, an ONNX file',
} as const;

export const to = {
  type: 'string',
  requiresArg: true,
  default: 'experiment.yaml',
  describe: 'Output file (never overwritten)',
} as const;

export const schemaTo = {
  type: 'string',
  requiresArg: true,
  default: 'experiment.schema.json',
  describe: 'Output file; replaces only a file written by farout schema',
} as const;

export const packageTo = {
  type: 'string',
  requiresArg: true,
  defaultDescription: '<name>',
  describe: 'Output folder (never overwritten)',
  coerce: lastOf,
} as const;

export const js = {
  type: 'boolean',
  default: false,
  describe: 'Generate plain JavaScript instead of TypeScript',
} as const;

export const verdictTo = {
  type: 'string',
  requiresArg: true,
  default: 'data-check.json',
  describe: 'Output file for all findings; replaces only a file written by farout data check',
} as const;

export const storeOptions = {
  store: {
    type: 'string',
    requiresArg: true,
    defaultDescription: "farout's cache folder",
    describe: "Folder of the store, as in an experiment's store:",
    coerce: lastOf,
  },
  'older-than': {
    type: 'string',
    requiresArg: true,
    coerce: lastOf,
    describe: 'With prune: delete entries unused for this time, such as 30d',
  },
  'larger-than': {
    type: 'string',
    requiresArg: true,
    coerce: lastOf,
    describe: 'With prune: delete the least recently used entries beyond this total size, such as 10GB',
  },
  'dry-run': { type: 'boolean', default: false, describe: 'With prune: only show what would be deleted' },
} as const;
