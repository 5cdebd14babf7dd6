import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import type { PluginDefinition } from '@farout/core';
import { builtIns } from '../src/built-ins.ts';

const packages = new URL('../../', import.meta.url);

/** The packages that serve every part alike. */
const host = ['core', 'runner', 'report', 'runtime', 'images', 'checkpoints'];

/** Where the host names parts all the same, and why: there it decides nothing. */
const allowed: Readonly<Record<string, string>> = {
  'runner/config/schema.ts': 'examples that editors show beside a key',
  'runner/config/override.ts': 'the example of how to override',
  'runner/config/dataset-file.ts': 'the example of a dataset in an advice',
  'runner/fit/rows.ts': 'an advice on labels names the keys of the datasets that take them',
  'checkpoints/onnx.ts': 'an advice names a backbone that reads checkpoints',
  'checkpoints/torch/read-checkpoint.ts': 'an advice names the backbone that reads ONNX files',
};

const partsOf = ({ backbones = [], hooks = [], scorers = [], datasets = [], metrics = [] }: PluginDefinition) =>
  [...backbones, ...hooks, ...scorers, ...datasets, ...metrics].map(({ name }) => name);

/** The name of a part as a word of the code; where it is a word of everybody's, as something that a name is compared with. The format ONNX has the name of a backbone: there only the name itself counts. */
const named = (part: string): RegExp => {
  if (['features', 'line', 'scale', 'tar', 'zip'].includes(part)) return new RegExp(`name === ['"\`]${part}['"\`]`);
  return part === 'onnx' ? /(?<!\[)(['"`])onnx\1/ : new RegExp(`(?<![\\w-])${part.replace(/\+/g, '\\+')}(?![\\w-])`);
};

/** What the program comes with, by the lists of its plugins, and how a method was once found without its name. */
const forbidden = [
  ...builtIns.flatMap(({ plugin }) => partsOf(plugin)).map(named),
  /percentile/i,
  /rectif/i,
  /\b(?:learnt|params)\.c\b/,
];

/** A source without its comments: these may say what something is good for. */
const codeOf = (source: string) => source.replace(/\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/ .*$/gm, '');

/** The lines of the host's code that name a part, by the file. */
function findings(): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const name of host) {
    const folder = new URL(`${name}/src/`, packages);
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
    for (const file of files) {
      const lines = codeOf(readFileSync(new URL(file, folder), 'utf8')).split('\n');
      const naming = lines.filter((line) => forbidden.some((word) => word.test(line))).map((line) => line.trim());
      if (naming.length > 0) found.set(`${name}/${file}`, naming);
    }
  }
  return found;
}

it('knows what the built-in parts are called', () => {
  expect(forbidden.length).toBeGreaterThan(20);
  expect(forbidden.some((word) => word.test("name === 'energy'"))).toBe(true);
  expect(forbidden.some((word) => word.test("import { writeOnnx } from '@farout/onnx';"))).toBe(false);
});

it('finds no part by its name in the host, but in advice and examples', () => {
  const others = [...findings()].filter(([file]) => !Object.hasOwn(allowed, file));
  expect(others).toEqual([]);
});

it('allows no more files to name parts than do', () => {
  expect([...findings().keys()].sort()).toEqual(Object.keys(allowed).sort());
});
