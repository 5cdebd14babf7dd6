// Words and options of commands, in yargs' form. An option shared by several commands is the same in all of them.

export const experiment = { type: 'string', demandOption: true, describe: 'The YAML file of an experiment' } as const;

export const set = {
  type: 'string',
  array: true,
  requiresArg: true,
  default: [] as string[],
  defaultDescription: 'none',
  describe: 'Replace a value, as in --set seed=1; may be repeated',
} as const;

/** yargs collects repeated options in a list: takes the last value. */
export const lastOf = (given: string | string[]) => (typeof given === 'string' ? given : given.at(-1));

export const out = {
  type: 'string',
  requiresArg: true,
  defaultDescription: 'runs/<name>',
  describe: 'Folder of the run; a run there is replaced',
  coerce: lastOf,
} as const;

export const open = {
  type: 'boolean',
  default: false,
  describe: 'Open the report in the browser',
} as const;

export const noReport = {
  type: 'boolean',
  default: false,
  describe: 'Results only; `farout report <run>` makes the report later',
} as const;

export const pull = {
  type: 'boolean',
  default: false,
  describe: 'First get what is missing, as `farout pull <experiment>` does',
} as const;

export const offline = {
  type: 'boolean',
  default: false,
  describe: 'Ask nothing over the network; say where to place what is missing',
} as const;

export const dryRun = {
  type: 'boolean',
  default: false,
  describe: 'Only say what would be loaded, how large it is, under which terms',
} as const;

export const costs = {
  type: 'boolean',
  default: false,
  describe: 'Measure what each detector takes an image',
} as const;

export const full = {
  type: 'boolean',
  default: false,
  describe: 'Show absolute paths and values of environment variables in the report',
} as const;

export const cores = {
  type: 'number',
  requiresArg: true,
  defaultDescription: 'all that the machine gives',
  describe: 'How many processor cores to use; no number depends on it',
} as const;

export const task = {
  type: 'string',
  requiresArg: true,
  defaultDescription: '0/1',
  describe: 'Which task of how many, counted from 0: 0/64 to 63/64',
  coerce: lastOf,
} as const;

export const tasks = {
  type: 'number',
  requiresArg: true,
  defaultDescription: 'as many as there were last',
  describe: 'How many tasks the time is estimated for',
} as const;

export const list = {
  type: 'boolean',
  default: false,
  describe: 'Write the lists of images into the store, so that tasks need not list them',
} as const;

export const wave = {
  type: 'string',
  requiresArg: true,
  default: 'features',
  choices: ['features', 'fit', 'second'],
  describe: 'features: read images; fit: learn, one task; second: read images for what was learnt',
} as const;

export const quiet = {
  type: 'boolean',
  default: false,
  describe: 'Nothing on stderr but errors',
} as const;

export const json = {
  type: 'boolean',
  default: false,
  describe: 'Say on stdout what happens, as JSON, one object a line',
} as const;

export const nothingAtAll = { ...quiet, describe: 'Print nothing when it can be run' } as const;

export const listAsJson = { ...json, describe: 'The same as one JSON object' } as const;

export const plugin = {
  type: 'string',
  array: true,
  requiresArg: true,
  default: [] as string[],
  defaultDescription: 'none',
  describe: 'A plugin, a package or a file as in an experiment; may be repeated',
} as const;

export const ood = {
  type: 'string',
  array: true,
  requiresArg: true,
  default: [] as string[],
  defaultDescription: 'images of noise and of textures that farout draws',
  describe: 'A folder of images of something else (OOD); may be repeated',
} as const;

export const weights = {
  type: 'string',
  requiresArg: true,
  defaultDescription: "torchvision's MobileNet-v2",
  describe: 'The classifier: an ONNX file',
} as const;

export const to = {
  type: 'string',
  requiresArg: true,
  default: 'experiment.yaml',
  describe: 'The file that is written; never one that is there already',
} as const;

export const schemaTo = {
  type: 'string',
  requiresArg: true,
  default: 'experiment.schema.json',
  describe: 'The file that is written; one that farout schema wrote is replaced',
} as const;

export const packageTo = {
  type: 'string',
  requiresArg: true,
  defaultDescription: '<name>',
  describe: 'The folder that is written; never one that is there already',
  coerce: lastOf,
} as const;

export const js = {
  type: 'boolean',
  default: false,
  describe: 'Plain JavaScript instead of TypeScript',
} as const;

export const verdictTo = {
  type: 'string',
  requiresArg: true,
  default: 'data-check.json',
  describe: 'The file that gets all that is found; one that farout data check wrote is replaced',
} as const;

export const storeOptions = {
  store: {
    type: 'string',
    requiresArg: true,
    defaultDescription: "farout's cache folder",
    describe: "The store's folder, as an experiment's store:",
    coerce: lastOf,
  },
  'older-than': { type: 'string', requiresArg: true, coerce: lastOf, describe: 'Of prune: unused for so long, 30d' },
  'larger-than': { type: 'string', requiresArg: true, coerce: lastOf, describe: 'Of prune: beyond this size, 10GB' },
  'dry-run': { type: 'boolean', default: false, describe: 'Of prune: only say what would go' },
} as const;
