import yargs, { type Arguments, type Argv } from 'yargs';
import { type Command, exitCodes, stdinWord, usage } from './command.ts';
import { commands } from './commands.ts';
import type { WrongWord } from './errors.ts';
import { invocation, version } from './invocation.ts';

/**
 * Executes a command line. Results go to stdout, everything else to stderr.
 *
 * @returns the exit code (see `exitCodes`); never throws.
 */
export async function cli(words: readonly string[]): Promise<number> {
  try {
    const perform = await parseCommandLine(words);
    return await perform();
  } catch (error) {
    const { reportError } = await import('./errors.ts');
    if (words.includes('--json')) await printErrors(error);
    return reportError(error, process.stderr);
  }
}

/** Prints errors as events too, for programs that only read stdout. */
async function printErrors(error: unknown): Promise<void> {
  const { errorEvents, printEvent } = await import('./events.ts');
  errorEvents(error).forEach(printEvent);
}

/** The command that prints a completion script for a shell. */
const completion = 'completion';
/** The option with which that script asks for completions; the words typed so far follow. */
const question = '--get-yargs-completions';

/**
 * Parses a command line. `--help`, `--version` and completion requests are answered here.
 *
 * @returns a function that performs the command and returns the exit code.
 * @throws FaroutError OOD_BAD_COMMAND if a word is missing or unknown.
 */
export async function parseCommandLine(words: readonly string[]): Promise<() => Promise<number>> {
  let chosen: Command | undefined;
  const [own, passedOn] = parted(asMeant(words));
  const given = await parse(
    grammar((command) => (chosen = command), words.includes(question)),
    own,
  );
  if (given.help || given.version || isCompletion(given)) return () => Promise.resolve(exitCodes.done);
  const command = chosen ?? (await noCommand(given._[0]));
  await refuseUnknown(given, command);
  return async () => (await command.load())({ ...given, '--': passedOn } as never);
}

/** The words of a command, and those after `--` that it passes on. */
function parted(words: readonly string[]): readonly [own: readonly string[], passedOn: readonly string[]] {
  const command = commands.find(({ name }) => name === words[0]);
  const dashes = words.indexOf('--');
  if (!command?.passesOn || dashes === -1) return [words, []];
  return [words.slice(0, dashes), words.slice(dashes + 1)];
}

/** Whether a completion script, or a completion, was asked for. */
const isCompletion = (given: Arguments) => given._[0] === completion || question.slice(2) in given;

/**
 * `-- run x.yaml` comes from `npm start -- -- run x.yaml`; for yargs the dashes would end the commands. `help run` is
 * accepted because other programs use that form.
 */
function asMeant(words: readonly string[]): readonly string[] {
  const [first, ...rest] = words;
  if (first === undefined) return [];
  if (first === '--') return asMeant(rest);
  if (first === 'help') return [...rest, '--help'];
  const command = commands.find(({ name }) => name === first);
  return command?.readsStdin ? words.map((word) => (word === '-' ? stdinWord : word)) : words;
}

async function parse(parser: Argv, words: readonly string[]): Promise<Arguments> {
  try {
    return await parser.parseAsync(words);
  } catch (error) {
    const command = commands.find(({ name }) => name === words[0]);
    const message = inOurWords((error as Error).message, command ? usage(command) : '<command>');
    const isMissing = command !== undefined && message.startsWith('a word is missing');
    return await fail(message, undefined, isMissing ? await whatToType(command, words) : undefined);
  }
}

/** The first missing word of a command, and an example that can be typed. */
async function whatToType({ name, words, examples }: Command, given: readonly string[]): Promise<string> {
  const missing = Object.values(words)[given.length - 1] ?? Object.values(words)[0];
  const files = words.experiment ? await (await import('./commands/check.ts')).experimentsHere() : [];
  const line = files.length > 0 ? `${name} ${files[0]!}` : examples[0]![0];
  const others = files.length > 1 ? ` (also here: ${files.slice(1, 5).join(', ')})` : '';
  const writing = words.experiment && files.length === 0 ? `; "${invocation} init <images>" writes one` : '';
  return `Missing: ${missing?.describe ?? ''}${writing}. For example: ${invocation} ${line}${others}`;
}

/** Rewords yargs' messages about missing words. */
const inOurWords = (sentence: string, written: string) =>
  sentence
    .replace(/^Not enough non-option arguments.*/, `a word is missing: ${invocation} ${written}`)
    .replace(/^Not enough arguments following: (.*)/, '--$1 needs a value');

/**
 * Not strict: unknown words are found afterwards, when it is known whether each is a word or an option. While the
 * last word is still being typed, those after it may be missing.
 */
function grammar(choose: (command: Command) => void, isUnfinished: boolean) {
  const parser = yargs()
    .scriptName('farout')
    .usage('Compare out-of-distribution (OOD) detectors with one YAML file.\n\nUsage: $0 <command>')
    .parserConfiguration({
      'boolean-negation': false,
      'camel-case-expansion': false,
      'dot-notation': false,
      'greedy-arrays': false,
    })
    .locale('en')
    .version(version)
    .alias('help', 'h')
    .example('$0 run configs/demo.yaml', 'Compare detectors on the demo data')
    .example('$0 run --help', 'Show the options of a command, with examples')
    .epilogue('Shell completion: source <($0 completion)')
    .wrap(Math.min(100, process.stdout.columns || 100))
    .exitProcess(false)
    .fail(false);
  for (const command of commands) {
    const { describes, words, options, examples } = command;
    parser.command(
      isUnfinished ? usage(command).replaceAll('<', '[').replaceAll('>', ']') : usage(command),
      describes,
      (part) => {
        for (const [name, word] of Object.entries(words)) part.positional(name, word);
        for (const [line, does] of examples) part.example(`$0 ${line}`, does);
        return part.options(options);
      },
      () => choose(command),
    );
  }
  return parser.completion(completion, 'Print a completion script for bash or zsh', complete);
}

/** The completions of the word being typed: those of its command, otherwise those that yargs knows for commands and options. */
function complete(current: string, given: Arguments, others: () => void, done: (words: string[]) => void): void {
  const command = commands.find(({ name }) => given._.includes(name));
  const isFirstWord = given._.at(-2) === command?.name || given._.at(-1) === command?.name;
  if (!command?.choices || current.startsWith('-') || !isFirstWord) others();
  else void command.choices().then((words) => done([...words]), others);
}

async function fail(message: string, wrong?: WrongWord, fix?: string): Promise<never> {
  const { badCommand } = await import('./errors.ts');
  throw badCommand(message, wrong, fix);
}

const names = [...commands.map(({ name }) => name), completion];

async function noCommand(given: string | number | undefined): Promise<never> {
  const word = String(given ?? '');
  if (/\.ya?ml$/.test(word)) {
    return fail(`"${word}" is not a command`, undefined, `To run it: ${invocation} run ${word}`);
  }
  const message = given === undefined ? 'no command given' : `unknown command "${word}"`;
  return fail(message, { word, title: 'Commands', names });
}

async function refuseUnknown(given: Arguments, { name, words, options }: Command): Promise<void> {
  const extra = given._[1];
  if (extra !== undefined) await fail(`unexpected argument "${extra}" for "farout ${name}"`);
  const known = [...Object.keys(options), 'help', 'h', 'version'];
  const unknown = Object.keys(given).find((key) => ![...known, ...Object.keys(words), '_', '$0'].includes(key));
  if (unknown === undefined) return;
  const dashed = (option: string) => (option.length === 1 ? `-${option}` : `--${option}`);
  const wrong = {
    word: dashed(unknown),
    title: `Options of "farout ${name}"`,
    names: known.filter((each) => each !== 'h').map(dashed),
  };
  await fail(`unknown option "${wrong.word}"`, wrong);
}
