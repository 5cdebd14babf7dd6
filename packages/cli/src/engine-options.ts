// Options of the commands that distribute tasks or take them, in yargs' form.
import { lastOf, out } from './options.ts';

export const from = {
  type: 'string',
  requiresArg: true,
  defaultDescription: 'none: do the task in --task',
  describe:
    'Take tasks from a queue until all are done: redis://host:6379, or bullmq to use the address in FAROUT_QUEUE',
  coerce: lastOf,
} as const;

export const engine = {
  type: 'string',
  requiresArg: true,
  demandOption: true,
  describe:
    'Where to run: slurm, kubernetes, redis://host:6379, or bullmq for the queue at the address in FAROUT_QUEUE',
} as const;

export const taskCount = {
  type: 'number',
  requiresArg: true,
  demandOption: true,
  describe: 'Number of tasks to divide the images into',
} as const;

export const ofEngines = {
  'dry-run': { type: 'boolean', default: false, describe: 'Only print what would be sent' },
  command: {
    type: 'string',
    requiresArg: true,
    defaultDescription: 'this farout; farout in a container image',
    describe: 'Command that starts farout there, separated by spaces: "apptainer exec farout.sif farout"',
    coerce: lastOf,
  },
  wave: {
    type: 'string',
    requiresArg: true,
    choices: ['features', 'fit', 'second'] as const,
    defaultDescription: 'features',
    describe: 'With kubernetes: the wave to start; submit the next one when its job is complete',
  },
  image: {
    type: 'string',
    requiresArg: true,
    coerce: lastOf,
    describe: 'With kubernetes: a container image with farout',
  },
  kueue: {
    type: 'string',
    requiresArg: true,
    coerce: lastOf,
    describe: 'With kubernetes: the Kueue queue for the jobs',
  },
  pod: {
    type: 'string',
    requiresArg: true,
    coerce: lastOf,
    describe: 'With kubernetes: a YAML file with a pod spec: volumes, variables, resources',
  },
} as const;

export const outOfSlurm = { ...out, describe: 'With slurm: output folder of the run after the tasks' } as const;
