// The words and options of commands, as yargs takes them. One that several commands have is the same in all.

export const experiment = { type: 'string', demandOption: true, describe: 'The YAML file of an experiment' } as const;

export const set = {
  type: 'string',
  array: true,
  requiresArg: true,
  default: [] as string[],
  defaultDescription: 'none',
  describe: 'Replace a value, as in --set seed=1; may be repeated',
} as const;

/** The parser gathers what is given twice: the last of it. */
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

export const detector = {
  type: 'string',
  requiresArg: true,
  demandOption: true,
  describe: "A detector as the run's tables call it",
} as const;

export const modelTo = {
  type: 'string',
  requiresArg: true,
  defaultDescription: 'detector.onnx, unless another option says what is written',
  describe: 'The file that is written; never one that is there already',
} as const;

export const huggingFace = {
  type: 'string',
  requiresArg: true,
  describe: "Folder for Hugging Face's hub: the model with configuration and card; never one that is there already",
  coerce: lastOf,
} as const;

export const page = {
  type: 'string',
  requiresArg: true,
  describe: 'Folder of a web page that scores photographs with it; never one that is there already',
  coerce: lastOf,
} as const;

export const tpr = {
  type: 'number',
  requiresArg: true,
  default: 0.95,
  describe: 'Which share of the ID images the threshold accepts',
} as const;

export const modelInput = {
  type: 'string',
  requiresArg: true,
  choices: ['pixels', 'float', 'photo'],
  defaultDescription: 'pixels',
  describe: 'What the file takes: uint8 pixels, normalised float32 images, or photographs of any size',
} as const;

export const half = {
  type: 'boolean',
  default: false,
  describe: 'Weights in half precision: about half the size, with a threshold of its own',
} as const;

export const labels = {
  type: 'string',
  requiresArg: true,
  defaultDescription: "the run's",
  describe: 'Names of the classes, a line each',
  coerce: lastOf,
} as const;

export const ofRun = {
  detector: {
    type: 'string',
    requiresArg: true,
    coerce: lastOf,
    describe: "Of a run folder: the detector, as the run's tables call it",
  },
  tpr: {
    type: 'number',
    requiresArg: true,
    defaultDescription: '0.95',
    describe: 'Of a run folder: which share of the ID images the threshold accepts',
  },
} as const;

export const relocation = {
  weights: {
    type: 'string',
    requiresArg: true,
    defaultDescription: 'where the run had them',
    describe: "Of a run folder: where the network's weights lie now, a file or the folder of several",
    coerce: lastOf,
  },
  data: {
    type: 'string',
    array: true,
    requiresArg: true,
    defaultDescription: 'where the run had them',
    describe: 'Of a run folder: where its ID images lie now; of several sets <set>=<folder>, repeated',
  },
} as const;

export const csv = {
  type: 'boolean',
  default: false,
  describe: 'Print CSV, a line for each image',
} as const;

export const jsonLines = { ...json, describe: 'Print JSON, one object a line for each image' } as const;

export const fdr = {
  type: 'number',
  requiresArg: true,
  defaultDescription: 'each image is judged by itself',
  describe: 'Reject images together: of those rejected, at most this share is ID on average',
} as const;

export const failOnOod = {
  type: 'boolean',
  default: false,
  describe: 'Exit with 3 when an image is out of distribution (OOD)',
} as const;

export const calibratedTo = { ...to, default: 'calibrated.onnx' } as const;

export const confidence = {
  type: 'number',
  requiresArg: true,
  defaultDescription: 'none: the promise is kept on average',
  describe: 'How sure it is to be that this very threshold accepts the share of --tpr',
} as const;

export const perClass = {
  type: 'boolean',
  default: false,
  describe: 'Keep the promise for each frequent class by itself, and for all others',
} as const;

export const watchOptions = {
  alpha: {
    type: 'number',
    requiresArg: true,
    default: 0.01,
    describe: 'Which share of all cameras that never change may ever be called drifted',
  },
  json: { ...json, describe: 'Print JSON, an object for the alarm and one for the end' },
  'fail-on-drift': { type: 'boolean', default: false, describe: 'Exit with 3 when more are refused than promised' },
  quiet,
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

export const serveOptions = {
  host: {
    type: 'string',
    requiresArg: true,
    default: '127.0.0.1',
    describe: 'The address to listen on; 0.0.0.0 for all of this machine',
    coerce: lastOf,
  },
  port: { type: 'number', requiresArg: true, default: 8080, describe: 'The port; 0 takes any that is free' },
  'allow-host': {
    type: 'string',
    array: true,
    requiresArg: true,
    default: [] as string[],
    defaultDescription: 'localhost and loopback addresses',
    describe: 'A name under which it is asked, as in Host; may be repeated',
  },
  workers: {
    type: 'number',
    requiresArg: true,
    defaultDescription: 'one a core, at most 8',
    describe: 'Processes that decode and score, beside a spare one',
  },
  'max-pixels': {
    type: 'number',
    requiresArg: true,
    default: 50_000_000,
    describe: 'Refuse images of more pixels',
  },
} as const;
