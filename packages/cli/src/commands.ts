import { type Command, defineCommand } from './command.ts';

const experiment = { type: 'string', demandOption: true, describe: 'The YAML file of an experiment' } as const;

const set = {
  type: 'string',
  array: true,
  requiresArg: true,
  default: [] as string[],
  defaultDescription: 'none',
  describe: 'Replace a value, as in --set seed=1; may be repeated',
} as const;

/** The parser gathers what is given twice. */
const lastOf = (given: string | string[]) => (typeof given === 'string' ? given : given.at(-1));

const out = {
  type: 'string',
  requiresArg: true,
  defaultDescription: 'runs/<name>',
  describe: 'Folder of the run; an existing run is replaced',
  coerce: lastOf,
} as const;

const open = {
  type: 'boolean',
  default: false,
  describe: 'Open the report in the browser',
} as const;

const quiet = {
  type: 'boolean',
  default: false,
  describe: 'Nothing on stderr but errors',
} as const;

const json = {
  type: 'boolean',
  default: false,
  describe: 'Say on stdout what happens, as JSON, one object a line',
} as const;

const nothingAtAll = { ...quiet, describe: 'Print nothing when it can be run' } as const;

const listAsJson = { ...json, describe: 'The same as one JSON object' } as const;

const plugin = {
  type: 'string',
  array: true,
  requiresArg: true,
  default: [] as string[],
  defaultDescription: 'none',
  describe: 'A plugin, a package or a file as in an experiment; may be repeated',
} as const;

const ood = {
  type: 'string',
  array: true,
  requiresArg: true,
  default: [] as string[],
  defaultDescription: 'images of noise and of textures that oodkit draws',
  describe: 'A folder of images of something else (OOD); may be repeated',
} as const;

const weights = {
  type: 'string',
  requiresArg: true,
  defaultDescription: "torchvision's MobileNet-v2",
  describe: 'The classifier: an ONNX file',
} as const;

const to = {
  type: 'string',
  requiresArg: true,
  default: 'experiment.yaml',
  describe: 'The file that is written; never one that is there already',
} as const;

const schemaTo = {
  type: 'string',
  requiresArg: true,
  default: 'experiment.schema.json',
  describe: 'The file that is written; an older one is replaced',
} as const;

const packageTo = {
  type: 'string',
  requiresArg: true,
  defaultDescription: '<name>',
  describe: 'The folder that is written; never one that is there already',
  coerce: lastOf,
} as const;

const js = {
  type: 'boolean',
  default: false,
  describe: 'Plain JavaScript instead of TypeScript',
} as const;

const storeOptions = {
  store: {
    type: 'string',
    requiresArg: true,
    defaultDescription: "oodkit's cache folder",
    describe: "The store's folder, as an experiment's store:",
    coerce: lastOf,
  },
  'older-than': { type: 'string', requiresArg: true, coerce: lastOf, describe: 'Of prune: unused for so long, 30d' },
  'larger-than': { type: 'string', requiresArg: true, coerce: lastOf, describe: 'Of prune: beyond this size, 10GB' },
  'dry-run': { type: 'boolean', default: false, describe: 'Of prune: only say what would go' },
} as const;

/** Everything that the command line knows. */
export const commands: readonly Command[] = [
  defineCommand({
    name: 'run',
    describes: 'Run an experiment and print its tables',
    words: { experiment },
    options: { set, out, open, quiet, json },
    load: async () => (await import('./commands/run.ts')).run,
  }),
  defineCommand({
    name: 'check',
    describes: 'Find every mistake of an experiment without reading an image',
    words: { experiment },
    options: { set, quiet: nothingAtAll, json },
    load: async () => (await import('./commands/check.ts')).check,
  }),
  defineCommand({
    name: 'list',
    describes: 'Show which backbones, hooks, scorers, datasets and metrics there are',
    words: { kind: { type: 'string', describe: 'Only parts of this kind, with their parameters' } },
    options: { plugin, json: listAsJson },
    load: async () => (await import('./commands/list.ts')).list,
  }),
  defineCommand({
    name: 'report',
    describes: 'Make the report and the tables of a run again',
    words: { run: { type: 'string', demandOption: true, describe: 'A run folder, such as runs/demo' } },
    options: { open },
    load: async () => (await import('./commands/report.ts')).report,
  }),
  defineCommand({
    name: 'compare',
    describes: 'Print the tables of several runs as one',
    words: { runs: { type: 'string', array: true, demandOption: true, describe: 'Run folders, such as runs/demo' } },
    options: {},
    load: async () => (await import('./commands/compare.ts')).compare,
  }),
  defineCommand({
    name: 'explain',
    describes: 'Say what a part does: its formula, source, parameters and origin',
    words: { name: { type: 'string', demandOption: true, describe: 'A backbone, hook, scorer, dataset or metric' } },
    options: { plugin },
    load: async () => (await import('./commands/explain.ts')).explain,
  }),
  defineCommand({
    name: 'init',
    describes: 'Write a commented experiment for a folder of images',
    words: { images: { type: 'string', demandOption: true, describe: 'Images of what the network knows (ID)' } },
    options: { ood, weights, to },
    load: async () => (await import('./commands/init.ts')).init,
  }),
  defineCommand({
    name: 'new',
    describes: 'Write a package with a part of your own, its tests and an experiment',
    words: {
      kind: {
        type: 'string',
        demandOption: true,
        describe: 'scorer, hook, backbone, dataset, metric, or plugin: several',
      },
      name: { type: 'string', demandOption: true, describe: 'What the package and its part are called' },
    },
    options: { to: packageTo, js },
    load: async () => (await import('./commands/new.ts')).newPackage,
  }),
  defineCommand({
    name: 'schema',
    describes: 'Write the JSON Schema by which editors complete and check an experiment',
    words: {},
    options: { to: schemaTo, plugin },
    load: async () => (await import('./commands/schema.ts')).schema,
  }),
  defineCommand({
    name: 'store',
    describes: 'Show what the store holds, or remove what is old or too much of it',
    words: { action: { type: 'string', demandOption: true, describe: 'list or prune' } },
    options: storeOptions,
    load: async () => (await import('./commands/store.ts')).store,
  }),
];
