import type { InferredOptionTypes, Options, PositionalOptions } from 'yargs';

/** Exit codes of the process. A run stopped by a signal ends by that signal: 130 or 143 in a shell. */
export const exitCodes = {
  done: 0,
  /** The run, or one of its detectors, failed. */
  failed: 1,
  /** The command line, the experiment or a file it names is wrong; nothing was run. */
  wrongRequest: 2,
  /** An image is out of distribution, and `--fail-on-ood` was given. */
  outOfDistribution: 3,
  /** More images are refused than promised, and `--fail-on-drift` was given. */
  drifted: 3,
  interrupted: 130,
} as const;

/** Stands for the word `-`, which the parser drops from lists. Paths contain no NUL. */
export const stdinWord = '\0stdin';

type Named<T> = Readonly<Record<string, T>>;

/** One command of the command line. */
export interface Command {
  readonly name: string;
  readonly describes: string;
  /** Its words, in order; those with `demandOption` are required. */
  readonly words: Named<PositionalOptions>;
  readonly options: Named<Options>;
  /** Example command lines for its help, without `farout`, each with what it does. */
  readonly examples: readonly (readonly [line: string, does: string])[];
  /** Whether a word may be `-` for stdin; it is passed as `stdinWord`. */
  readonly readsStdin?: true;
  /** Whether words after `--` are for another program; they are passed as the list `--`. */
  readonly passesOn?: true;
  /** Possible values of its first word, for shell completion; absent if it is a file or free text. */
  readonly choices?: () => Promise<readonly string[]>;
  /** Loads the function that performs the command and returns the exit code. Loaded only when needed, so that `--help` is fast. */
  readonly load: () => Promise<(given: never) => Promise<number>>;
}

/** Types a command: the function that `load` returns receives the words and options as declared. */
export const defineCommand = <W extends Named<PositionalOptions>, O extends Named<Options>>(
  command: Omit<Command, 'words' | 'options' | 'load'> & {
    readonly words: W;
    readonly options: O;
    readonly load: () => Promise<
      (given: InferredOptionTypes<W> & InferredOptionTypes<O> & { readonly '--': readonly string[] }) => Promise<number>
    >;
  },
): Command => command;

/** The usage of a command: `run <experiment>`, `list [kind]`, `compare <runs..>`. */
export const usage = ({ name, words }: Command): string =>
  [
    name,
    ...Object.entries(words).map(([word, { demandOption, array }]) => written(word, !!demandOption, !!array)),
  ].join(' ');

function written(word: string, isNeeded: boolean, isMany: boolean): string {
  const name = isMany ? `${word}..` : word;
  return isNeeded ? `<${name}>` : `[${name}]`;
}
