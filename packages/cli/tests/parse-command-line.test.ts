import { describe, expect, it } from '@jest/globals';
import { parseCommandLine } from '../src/parse-command-line.ts';

describe('parseCommandLine', () => {
  it.each([
    ['no command', [], 'no command is given', undefined],
    ['an unknown command', ['chek', 'x.yaml'], 'unknown command "chek"', 'Did you mean "check"?'],
    ['an unknown option', ['run', 'x.yaml', '--sett', 'a=1'], 'unknown option "--sett"', 'Did you mean "--set"?'],
    ['an unknown letter', ['list', '-q'], 'unknown option "-q"', undefined],
    ['a negated option', ['run', 'x.yaml', '--no-out'], 'unknown option "--no-out"', undefined],
    ['an option of another command', ['check', 'x.yaml', '--out', 'y'], 'unknown option "--out"', undefined],
    ['a word too many', ['run', 'x.yaml', 'y.yaml'], '"y.yaml" is one word too many for "farout run"', undefined],
    ['a word too few', ['check'], 'a word is missing: farout check <experiment>', undefined],
    ['an option without its value', ['run', 'x.yaml', '--out'], '--out needs a value', undefined],
    ['an experiment without a command', ['x.yaml'], '"x.yaml" is no command', 'To run it: farout run x.yaml'],
  ])('refuses %s', async (_, words, message, fix = 'See "farout --help".') => {
    await expect(parseCommandLine(words)).rejects.toMatchObject({ code: 'OOD_BAD_COMMAND', message, fix });
  });

  it.each([
    ['words and options in any order', ['run', '--set', 'a=1', 'x.yaml', '--out', 'y', '--set=b.c=2']],
    ['dashes before the command, as from npm start -- -- run', ['--', 'run', 'x.yaml', '--out', 'y']],
    ['numbers as words', ['run', '7', '--out', '8']],
  ])('takes %s', async (_, words) => {
    await expect(parseCommandLine(words)).resolves.toEqual(expect.any(Function));
  });
});
