import { describe, expect, it } from '@jest/globals';
import { commands } from '../src/commands.ts';
import { parseCommandLine } from '../src/command-line.ts';
import { runCli } from './run-cli.ts';

const examples = commands.flatMap(({ name, examples: lines }) => lines.map(([line]) => ({ name, line })));

describe('the help of commands', () => {
  it.each(commands.map(({ name }) => name))('shows examples: %s', async (name) => {
    const { code, stdout } = await runCli([name, '--help']);
    expect(code).toBe(0);
    expect(stdout).toContain('\nExamples:\n');
    expect(stdout.replaceAll(/\s+/g, ' ')).toContain(`farout ${name}`);
  });

  it.each(examples)('gives an example that is understood: farout $line', async ({ name, line }) => {
    expect(line.split(' ')[0]).toBe(name);
    expect(typeof (await parseCommandLine(line.split(' ')))).toBe('function');
  });
});
