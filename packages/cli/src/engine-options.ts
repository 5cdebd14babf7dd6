// Options of the commands that distribute tasks or take them, in yargs' form.
import { lastOf, out } from './options.ts';

export const from = {
  type: 'string',
  requiresArg: true,
  defaultDescription: 'the one task of --task',
  describe: 'Take tasks from a queue until all are done: redis://host:6379, or bullmq for the address in FAROUT_QUEUE',
  coerce: lastOf,
} as const;

export const engine = {
  type: 'string',
  requiresArg: true,
  demandOption: true,
  describe: 'slurm, kubernetes, bullmq (a queue whose address is in FAROUT_QUEUE), or redis://host:6379',
} as const;

export const taskCount = {
  type: 'number',
  requiresArg: true,
  demandOption: true,
  describe: 'How many tasks share the images',
} as const;

export const ofEngines = {
  'dry-run': { type: 'boolean', default: false, describe: 'Print what would be sent, and send nothing' },
  command: {
    type: 'string',
    requiresArg: true,
    defaultDescription: 'this farout; in an image, farout',
    describe: 'What starts farout there, words parted by blanks: "apptainer exec farout.sif farout"',
    coerce: lastOf,
  },
  wave: {
    type: 'string',
    requiresArg: true,
    choices: ['features', 'fit', 'second'] as const,
    defaultDescription: 'features',
    describe: 'Of kubernetes: which wave; the next one is sent when its job is complete',
  },
  image: { type: 'string', requiresArg: true, coerce: lastOf, describe: 'Of kubernetes: an image that has farout' },
  kueue: {
    type: 'string',
    requiresArg: true,
    coerce: lastOf,
    describe: 'Of kubernetes: the queue of Kueue that starts the jobs',
  },
  pod: {
    type: 'string',
    requiresArg: true,
    coerce: lastOf,
    describe: 'Of kubernetes: a YAML file with the spec of a pod: volumes, variables, resources',
  },
} as const;

export const outOfSlurm = { ...out, describe: 'Of slurm: folder of the run that follows the tasks' } as const;
