import { type Command, defineCommand } from './command.ts';
import { deployCommands } from './deploy-commands.ts';
import { engine, from, ofEngines, outOfSlurm, taskCount } from './engine-options.ts';
import {
  cores,
  costs,
  dryRun,
  experiment,
  full,
  js,
  json,
  list,
  listAsJson,
  noReport,
  nothingAtAll,
  offline,
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
  task,
  tasks,
  to,
  verdictTo,
  wave,
  weights,
} from './options.ts';

/** All commands. */
export const commands: readonly Command[] = [
  defineCommand({
    name: 'run',
    describes: 'Run an experiment: compare its detectors and print the result tables',
    words: { experiment },
    options: { set, out, open, pull, offline, 'no-report': noReport, costs, cores, quiet, json },
    examples: [
      ['run configs/demo.yaml', 'Run the demo; results go to runs/demo'],
      [
        'run configs/demo.yaml --set detectors.ReAct.0.react.percentile=95 --out runs/p-95',
        'Change a parameter, and write to a separate folder',
      ],
      ['run configs/demo.yaml --json --quiet', 'Print events for programs, one JSON object per line'],
    ],
    load: async () => (await import('./commands/run.ts')).run,
  }),
  defineCommand({
    name: 'work',
    describes: 'Run one task of an experiment that several machines share; results go into the store',
    words: { experiment },
    options: { task, wave, from, cores, set, quiet },
    examples: [
      ['work configs/demo.yaml --task 3/64', 'Run the fourth of 64 tasks, then help to finish the others'],
      ['work configs/demo.yaml --wave fit', 'Fit the detectors to what all tasks have read'],
      ['work imagenet.yaml --from redis://queue:6379', 'Take tasks from a queue filled by farout submit'],
    ],
    load: async () => (await import('./commands/work.ts')).work,
  }),
  defineCommand({
    name: 'plan',
    describes: 'Show the work in an experiment, how much of it is done, and the estimated time',
    words: { experiment },
    options: { tasks, list, set, json: listAsJson },
    examples: [
      ['plan configs/demo.yaml --tasks 64', 'Show the work and estimated time for 64 tasks'],
      [
        'plan configs/demo.yaml --list',
        'Also store the list of images of each dataset, so that tasks do not have to list it again',
      ],
    ],
    load: async () => (await import('./commands/plan.ts')).plan,
  }),
  defineCommand({
    name: 'status',
    describes: 'Show the progress of the tasks of an experiment',
    words: { experiment },
    options: { set, json: listAsJson },
    examples: [['status configs/demo.yaml', 'Show what is done, by which machine, how fast, and the remaining time']],
    load: async () => (await import('./commands/status.ts')).status,
  }),
  defineCommand({
    name: 'check',
    describes: 'Find all mistakes in an experiment without running it; reads at most two images of each dataset',
    words: { experiment },
    options: { set, offline, quiet: nothingAtAll, json },
    examples: [
      ['check configs/demo.yaml', 'Validate the experiment and show what it would read'],
      ['check configs/demo.yaml --set seed=1', 'Validate it with a changed value'],
    ],
    load: async () => (await import('./commands/check.ts')).check,
  }),
  defineCommand({
    name: 'submit',
    describes: 'Run an experiment on many machines, with Slurm, Kubernetes or a queue',
    words: { experiment },
    options: { to: engine, tasks: taskCount, set, out: outOfSlurm, ...ofEngines },
    passesOn: true,
    examples: [
      [
        'submit imagenet.yaml --to slurm --tasks 64 -- --partition=gpu --time=2:00:00',
        'Start Slurm jobs; options after -- go to sbatch',
      ],
      [
        'submit imagenet.yaml --to kubernetes --tasks 64 --image registry/farout:0.1.0 --dry-run',
        'Print the Kubernetes manifests without sending them',
      ],
      ['submit imagenet.yaml --to redis://queue:6379 --tasks 64', 'Put tasks into a queue, for farout work --from'],
    ],
    load: async () => (await import('./commands/submit.ts')).submit,
  }),
  defineCommand({
    name: 'pull',
    describes: 'Download datasets and weights from their publishers, and verify them',
    words: {
      what: {
        type: 'string',
        array: true,
        demandOption: true,
        describe: 'Names of datasets or models, or experiment files',
      },
    },
    options: { set, plugin, 'dry-run': dryRun, offline, quiet },
    examples: [
      ['pull configs/imagenet-resnet50.yaml --dry-run', 'Show what would be downloaded, with sizes and licence terms'],
      ['pull sun places', 'Download two datasets by name'],
    ],
    load: async () => (await import('./commands/pull.ts')).pull,
  }),
  defineCommand({
    name: 'data',
    describes: 'Check every image of the datasets: find missing, damaged, mislabelled and duplicate images',
    words: {
      action: { type: 'string', demandOption: true, describe: 'The action; only check exists' },
      what: { type: 'string', array: true, demandOption: true, describe: 'An experiment file, or names of datasets' },
    },
    options: { set, to: verdictTo, quiet },
    examples: [
      ['data check configs/demo.yaml', 'Check all datasets of an experiment against each other and the network'],
      ['data check imagenet-val sun places', 'Check datasets by name'],
    ],
    choices: () => Promise.resolve(['check']),
    load: async () => (await import('./commands/data.ts')).data,
  }),
  defineCommand({
    name: 'list',
    describes: 'List the available backbones, hooks, scorers, datasets and metrics',
    words: {
      kind: {
        type: 'string',
        describe: 'List only this kind, with parameters: backbones, hooks, scorers, datasets or metrics',
      },
    },
    options: { plugin, json: listAsJson },
    examples: [
      ['list', 'List everything, one per line'],
      ['list scorers', 'List the scorers with their parameters'],
      ['list --plugin ./my-scorer.ts', 'Include the parts in a file of your own'],
    ],
    choices: async () => (await import('./commands/list.ts')).plurals,
    load: async () => (await import('./commands/list.ts')).list,
  }),
  defineCommand({
    name: 'report',
    describes: 'Regenerate the report and the tables of a finished run',
    words: { run: { type: 'string', demandOption: true, describe: 'A run folder, such as runs/demo' } },
    options: { open, full, plugin },
    examples: [
      ['report runs/demo --open', 'Regenerate the report and open it in the browser'],
      ['report runs/demo --full', 'Include paths of this machine; do not share this report'],
      ['report runs/demo --plugin ./my-reporter.ts', 'Also write the files of your own reporter plugin'],
    ],
    load: async () => (await import('./commands/report.ts')).report,
  }),
  defineCommand({
    name: 'compare',
    describes: 'Compare several runs in one table',
    words: { runs: { type: 'string', array: true, demandOption: true, describe: 'Run folders, such as runs/demo' } },
    options: {},
    examples: [['compare runs/demo runs/p-95', 'Compare two runs']],
    load: async () => (await import('./commands/compare.ts')).compare,
  }),
  ...deployCommands,
  defineCommand({
    name: 'explain',
    describes: 'Explain a backbone, hook, scorer, dataset or metric: formula, source and parameters',
    words: {
      name: { type: 'string', demandOption: true, describe: 'The name of a backbone, hook, scorer, dataset or metric' },
    },
    options: { plugin },
    examples: [['explain react', 'Explain ReAct: what it does, its formula and its paper']],
    choices: async () => (await import('./commands/explain.ts')).builtInNames(),
    load: async () => (await import('./commands/explain.ts')).explain,
  }),
  defineCommand({
    name: 'init',
    describes: 'Create a commented experiment file for your own images',
    words: {
      images: {
        type: 'string',
        demandOption: true,
        describe: 'Folder of in-distribution (ID) images: images of what the network was trained to classify',
      },
    },
    options: { ood, weights, to },
    examples: [
      ['init photographs --ood textures --weights classifier.onnx', 'Create an experiment for your own classifier'],
    ],
    load: async () => (await import('./commands/init.ts')).init,
  }),
  defineCommand({
    name: 'new',
    describes: 'Create a plugin package with its tests and an example experiment',
    words: {
      kind: {
        type: 'string',
        demandOption: true,
        describe: 'scorer, hook, backbone, dataset, metric, or plugin (several parts)',
      },
      name: { type: 'string', demandOption: true, describe: 'Name of the package and its part' },
    },
    options: { to: packageTo, js },
    examples: [
      ['new scorer margin', 'Create a package with a scorer, in TypeScript'],
      ['new hook sharpen --js --to hooks/sharpen', 'Create a hook in plain JavaScript, in the given folder'],
    ],
    choices: async () => (await import('./new/new-package.ts')).newKinds,
    load: async () => (await import('./commands/new.ts')).newPackage,
  }),
  defineCommand({
    name: 'schema',
    describes: 'Write a JSON Schema, so that editors complete and check experiments',
    words: {},
    options: { to: schemaTo, plugin },
    examples: [
      [
        'schema --to experiment.schema.json',
        'Write the schema; then begin the experiment with: # yaml-language-server: $schema=experiment.schema.json',
      ],
    ],
    load: async () => (await import('./commands/schema.ts')).schema,
  }),
  defineCommand({
    name: 'store',
    describes: 'Show the contents of the store (cached features and results), or delete old entries',
    words: { action: { type: 'string', demandOption: true, describe: 'list, or prune to delete entries' } },
    options: storeOptions,
    examples: [
      ['store list', 'Show the entries, what made them, and their sizes'],
      ['store prune --older-than 30d --larger-than 10GB --dry-run', 'Show what would be deleted'],
    ],
    choices: () => Promise.resolve(['list', 'prune']),
    load: async () => (await import('./commands/store.ts')).store,
  }),
];
