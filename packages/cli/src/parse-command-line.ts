import yargs, { type Arguments, type Argv } from 'yargs';
import type { WrongWord } from './bad-command.ts';
import { type Command, usage } from './command.ts';
import { commands } from './commands.ts';
import { exitCodes } from './exit-codes.ts';
import { invocation } from './invocation.ts';
import { version } from './version.ts';

/**
 * Reads a command line. `--help` and `--version` are answered here.
 *
 * @returns what is to be done; it gives the exit code.
 * @throws OodkitError OOD_BAD_COMMAND when a word is missing or unknown.
 */
export async function parseCommandLine(words: readonly string[]): Promise<() => Promise<number>> {
  let chosen: Command | undefined;
  const given = await parse(
    grammar((command) => (chosen = command)),
    asMeant(words),
  );
  if (given.help || given.version) return () => Promise.resolve(exitCodes.done);
  const command = chosen ?? (await noCommand(given._[0]));
  await refuseUnknown(given, command);
  return async () => (await command.load())(given as never);
}

/**
 * `-- run x.yaml`, from `npm start -- -- run x.yaml`: to yargs the dashes end the commands. `help run` is how other programs
 * are asked.
 */
function asMeant([first, ...rest]: readonly string[]): readonly string[] {
  if (first === undefined) return [];
  if (first === '--') return asMeant(rest);
  return first === 'help' ? [...rest, '--help'] : [first, ...rest];
}

async function parse(parser: Argv, words: readonly string[]): Promise<Arguments> {
  try {
    return await parser.parseAsync(words);
  } catch (error) {
    const command = commands.find(({ name }) => name === words[0]);
    return await fail(inOurWords((error as Error).message, command ? usage(command) : '<command>'));
  }
}

/** What yargs says of words that are missing. */
const inOurWords = (sentence: string, written: string) =>
  sentence
    .replace(/^Not enough non-option arguments.*/, `a word is missing: ${invocation} ${written}`)
    .replace(/^Not enough arguments following: (.*)/, '--$1 needs a value');

/** Not strict: what is unknown is found afterwards, where it is known whether it is a word or an option. */
function grammar(choose: (command: Command) => void) {
  const parser = yargs()
    .scriptName('oodkit')
    .usage('Compares out-of-distribution detectors from one YAML file.\n\nUsage: $0 <command>')
    .parserConfiguration({
      'boolean-negation': false,
      'camel-case-expansion': false,
      'dot-notation': false,
      'greedy-arrays': false,
    })
    .locale('en')
    .version(version)
    .alias('help', 'h')
    .wrap(Math.min(100, process.stdout.columns || 100))
    .exitProcess(false)
    .fail(false);
  for (const command of commands) {
    const { describes, words, options } = command;
    parser.command(
      usage(command),
      describes,
      (part) => {
        for (const [name, word] of Object.entries(words)) part.positional(name, word);
        return part.options(options);
      },
      () => choose(command),
    );
  }
  return parser;
}

async function fail(message: string, wrong?: WrongWord, fix?: string): Promise<never> {
  const { badCommand } = await import('./bad-command.ts');
  throw badCommand(message, wrong, fix);
}

const names = commands.map(({ name }) => name);

async function noCommand(given: string | number | undefined): Promise<never> {
  const word = String(given ?? '');
  if (/\.ya?ml$/.test(word)) {
    return fail(`"${word}" is no command`, undefined, `To run it: ${invocation} run ${word}`);
  }
  const message = given === undefined ? 'no command is given' : `unknown command "${word}"`;
  return fail(message, { word, title: 'Commands', names });
}

async function refuseUnknown(given: Arguments, { name, words, options }: Command): Promise<void> {
  const extra = given._[1];
  if (extra !== undefined) await fail(`"${extra}" is one word too many for "oodkit ${name}"`);
  const known = [...Object.keys(options), 'help', 'h', 'version'];
  const unknown = Object.keys(given).find((key) => ![...known, ...Object.keys(words), '_', '$0'].includes(key));
  if (unknown === undefined) return;
  const dashed = (option: string) => (option.length === 1 ? `-${option}` : `--${option}`);
  const wrong = {
    word: dashed(unknown),
    title: `Options of "oodkit ${name}"`,
    names: known.filter((each) => each !== 'h').map(dashed),
  };
  await fail(`unknown option "${wrong.word}"`, wrong);
}
