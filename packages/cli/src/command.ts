import type { InferredOptionTypes, Options, PositionalOptions } from 'yargs';

/** What the process tells its caller. A run that a signal stopped ends by that signal: 130 or 143 in a shell. */
export const exitCodes = {
  done: 0,
  /** The run, or one of its detectors, failed. */
  failed: 1,
  /** The command line, the experiment or a file it names is wrong; nothing was run. */
  wrongRequest: 2,
  /** An image is out of distribution, and `--fail-on-ood` asked to be told so. */
  outOfDistribution: 3,
  /** More images are refused than promised, and `--fail-on-drift` asked to be told so. */
  drifted: 3,
  interrupted: 130,
} as const;

/** What a word `-` comes as, because the parser loses it from a list. No path has a zero in it. */
export const stdinWord = '\0stdin';

type Named<T> = Readonly<Record<string, T>>;

/** One command of the command line. */
export interface Command {
  readonly name: string;
  readonly describes: string;
  /** Its words in their order; those with `demandOption` must be there. */
  readonly words: Named<PositionalOptions>;
  readonly options: Named<Options>;
  /** Command lines that its help shows, without `farout`: each with what it does. */
  readonly examples: readonly (readonly [line: string, does: string])[];
  /** Whether a word may be `-`, which stands for stdin: it comes as `stdinWord`. */
  readonly readsStdin?: true;
  /** Whether what stands behind `--` is for another program: it comes as `--`, a list. */
  readonly passesOn?: true;
  /** What its first word may be, for a shell that completes it; absent where that is a file or anybody's choice. */
  readonly choices?: () => Promise<readonly string[]>;
  /** Gives the function that does it and returns the exit code; loaded when it is needed, so that `--help` is quick. */
  readonly load: () => Promise<(given: never) => Promise<number>>;
}

/** Types a command: what `load` gives receives its words and options as they are declared. */
export const defineCommand = <W extends Named<PositionalOptions>, O extends Named<Options>>(
  command: Omit<Command, 'words' | 'options' | 'load'> & {
    readonly words: W;
    readonly options: O;
    readonly load: () => Promise<
      (given: InferredOptionTypes<W> & InferredOptionTypes<O> & { readonly '--': readonly string[] }) => Promise<number>
    >;
  },
): Command => command;

/** How a command is written: `run <experiment>`, `list [kind]`, `compare <runs..>`. */
export const usage = ({ name, words }: Command): string =>
  [
    name,
    ...Object.entries(words).map(([word, { demandOption, array }]) => written(word, !!demandOption, !!array)),
  ].join(' ');

function written(word: string, isNeeded: boolean, isMany: boolean): string {
  const name = isMany ? `${word}..` : word;
  return isNeeded ? `<${name}>` : `[${name}]`;
}
