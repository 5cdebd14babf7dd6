import { type Command, defineCommand } from './command.ts';
import {
  costs,
  dryRun,
  experiment,
  full,
  js,
  json,
  listAsJson,
  noReport,
  nothingAtAll,
  ood,
  open,
  out,
  packageTo,
  plugin,
  pull,
  quiet,
  schemaTo,
  set,
  storeOptions,
  to,
  verdictTo,
  weights,
} from './options.ts';

/** Everything that the command line knows. */
export const commands: readonly Command[] = [
  defineCommand({
    name: 'run',
    describes: 'Run an experiment and print its tables',
    words: { experiment },
    options: { set, out, open, pull, 'no-report': noReport, costs, quiet, json },
    examples: [
      ['run configs/demo.yaml', 'The demonstration, into runs/demo'],
      [
        'run configs/demo.yaml --set detectors.ReAct.0.react.percentile=95 --out runs/p-95',
        'With another percentile, into a folder of its own',
      ],
      ['run configs/demo.yaml --json --quiet', 'What happens as a line of JSON each, for programs'],
    ],
    load: async () => (await import('./commands/run.ts')).run,
  }),
  defineCommand({
    name: 'check',
    describes: 'Find every mistake of an experiment, reading at most two images of each set',
    words: { experiment },
    options: { set, quiet: nothingAtAll, json },
    examples: [
      ['check configs/demo.yaml', 'Is it right, and what would it read?'],
      ['check configs/demo.yaml --set seed=1', 'The same with an override'],
    ],
    load: async () => (await import('./commands/check.ts')).check,
  }),
  defineCommand({
    name: 'pull',
    describes: 'Get datasets and weights from their publishers, verified',
    words: {
      what: {
        type: 'string',
        array: true,
        demandOption: true,
        describe: 'Names of datasets or models, or experiments',
      },
    },
    options: { set, plugin, 'dry-run': dryRun, quiet },
    examples: [
      ['pull configs/imagenet-resnet50.yaml --dry-run', 'What would be loaded for it, how large, under which terms'],
      ['pull sun places', 'Two datasets by their names'],
    ],
    load: async () => (await import('./commands/pull.ts')).pull,
  }),
  defineCommand({
    name: 'data',
    describes: 'Look at every image of datasets: what is missing, damaged, mislabelled or there twice',
    words: {
      action: { type: 'string', demandOption: true, describe: 'check' },
      what: { type: 'string', array: true, demandOption: true, describe: 'An experiment, or names of datasets' },
    },
    options: { set, to: verdictTo, quiet },
    examples: [
      ['data check configs/demo.yaml', 'All datasets of an experiment, against each other and the network'],
      ['data check imagenet-val sun places', 'Datasets by their names'],
    ],
    choices: () => Promise.resolve(['check']),
    load: async () => (await import('./commands/data.ts')).data,
  }),
  defineCommand({
    name: 'list',
    describes: 'Show which backbones, hooks, scorers, datasets and metrics there are',
    words: { kind: { type: 'string', describe: 'Only parts of this kind, with their parameters' } },
    options: { plugin, json: listAsJson },
    examples: [
      ['list', 'Every part, one a line'],
      ['list scorers', 'The scorers with their parameters'],
      ['list --plugin ./my-scorer.ts', 'With the parts of a file of your own'],
    ],
    choices: async () => (await import('./commands/list.ts')).plurals,
    load: async () => (await import('./commands/list.ts')).list,
  }),
  defineCommand({
    name: 'report',
    describes: 'Make the report and the tables of a run again',
    words: { run: { type: 'string', demandOption: true, describe: 'A run folder, such as runs/demo' } },
    options: { open, full, plugin },
    examples: [
      ['report runs/demo --open', 'Make the report again and look at it'],
      ['report runs/demo --full', 'With paths of this machine: not to be passed on'],
      ['report runs/demo --plugin ./my-reporter.ts', 'With the files that a plugin of your own makes'],
    ],
    load: async () => (await import('./commands/report.ts')).report,
  }),
  defineCommand({
    name: 'compare',
    describes: 'Print the tables of several runs as one',
    words: { runs: { type: 'string', array: true, demandOption: true, describe: 'Run folders, such as runs/demo' } },
    options: {},
    examples: [['compare runs/demo runs/p-95', 'Two runs in one table']],
    load: async () => (await import('./commands/compare.ts')).compare,
  }),
  defineCommand({
    name: 'explain',
    describes: 'Say what a part does: its formula, source, parameters and origin',
    words: { name: { type: 'string', demandOption: true, describe: 'A backbone, hook, scorer, dataset or metric' } },
    options: { plugin },
    examples: [['explain react', 'What ReAct does, by which formula, from which paper']],
    choices: async () => (await import('./commands/explain.ts')).builtInNames(),
    load: async () => (await import('./commands/explain.ts')).explain,
  }),
  defineCommand({
    name: 'init',
    describes: 'Write a commented experiment for a folder of images',
    words: { images: { type: 'string', demandOption: true, describe: 'Images of what the network knows (ID)' } },
    options: { ood, weights, to },
    examples: [
      ['init photographs --ood textures --weights classifier.onnx', 'An experiment for a classifier of your own'],
    ],
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
    examples: [
      ['new scorer margin', 'A package with a scorer, in TypeScript'],
      ['new hook sharpen --js --to hooks/sharpen', 'A hook in plain JavaScript, in that folder'],
    ],
    choices: async () => (await import('./new/new-package.ts')).newKinds,
    load: async () => (await import('./commands/new.ts')).newPackage,
  }),
  defineCommand({
    name: 'schema',
    describes: 'Write the JSON Schema by which editors complete and check an experiment',
    words: {},
    options: { to: schemaTo, plugin },
    examples: [
      [
        'schema --to experiment.schema.json',
        'For an editor; its first line in an experiment: # yaml-language-server: $schema=experiment.schema.json',
      ],
    ],
    load: async () => (await import('./commands/schema.ts')).schema,
  }),
  defineCommand({
    name: 'store',
    describes: 'Show what the store holds, or remove what is old or too much of it',
    words: { action: { type: 'string', demandOption: true, describe: 'list or prune' } },
    options: storeOptions,
    examples: [
      ['store list', 'What is kept, what made it, how large it is'],
      ['store prune --older-than 30d --larger-than 10GB --dry-run', 'What would go'],
    ],
    choices: () => Promise.resolve(['list', 'prune']),
    load: async () => (await import('./commands/store.ts')).store,
  }),
];
