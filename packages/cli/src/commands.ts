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

const out = {
  type: 'string',
  requiresArg: true,
  defaultDescription: 'runs/<name>',
  describe: 'Folder of the run; an existing run is replaced',
  // The parser gathers what is given twice.
  coerce: (given: string | string[]) => (typeof given === 'string' ? given : given.at(-1)),
} as const;

/** Everything that the command line knows. */
export const commands: readonly Command[] = [
  defineCommand({
    name: 'run',
    describes: 'Run an experiment and print its tables',
    words: { experiment },
    options: { set, out },
    load: async () => (await import('./commands/run.ts')).run,
  }),
  defineCommand({
    name: 'check',
    describes: 'Find every mistake of an experiment without reading an image',
    words: { experiment },
    options: { set },
    load: async () => (await import('./commands/check.ts')).check,
  }),
  defineCommand({
    name: 'list',
    describes: 'Show which backbones, hooks, scorers, datasets and metrics there are',
    words: { kind: { type: 'string', describe: 'Only parts of this kind, with their parameters' } },
    options: {},
    load: async () => (await import('./commands/list.ts')).list,
  }),
];
