import { describe, expect, it } from '@jest/globals';
import { builtIns } from '../../src/built-ins.ts';
import { textOf } from './fenced-blocks.ts';

const kinds = ['backbones', 'hooks', 'scorers', 'datasets', 'metrics'] as const;
const parts = builtIns.flatMap(({ plugin }) =>
  kinds.flatMap((kind) =>
    (plugin[kind] ?? []).map(({ name, about }) => ({ kind, name, about, folder: plugin.name.replace('@farout/', '') })),
  ),
);
const detectors = parts.filter(({ kind }) => kind === 'hooks' || kind === 'scorers');

describe('every part is described where users look for it', () => {
  it.each(parts)('$kind: $name is in the README of its package', ({ name, folder }) => {
    const text = textOf(`packages/${folder}/README.md`);
    const headings = [...text.matchAll(/^#+ (.*)$/gm)].flatMap(([, heading]) => heading!.split(/[ ,`]+/));
    expect(headings.includes(name) || text.includes(`\`${name}\``)).toBe(true);
  });

  it.each(detectors)('$name has a row in the catalogue of detectors', ({ name }) => {
    expect(textOf('docs/detectors.md').includes(`\n| \`${name}\``)).toBe(true);
  });

  it.each(detectors)('$name says its formula, its source and its family', ({ about }) => {
    expect(about).toMatchObject({
      summary: expect.any(String),
      formula: expect.any(String),
      source: expect.any(String),
      family: expect.any(String),
    });
  });
});
