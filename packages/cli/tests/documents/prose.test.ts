import { readdirSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { documents, pathOf, textOf } from './fenced-blocks.ts';

/** Prose is wrapped at this column. */
const width = 100;
/** Written by tools, from data. */
const generated = ['docs/datasets.md', 'docs/detectors.md'];

/** Lines outside of code blocks and tables that could be shorter: those with a space before the column. */
function longLines(text: string): string[] {
  const prose = text.replace(/^( *)```[\s\S]*?^\1```$/gm, '').split('\n');
  const canBreak = (line: string) =>
    line
      .replace(/^[\s>*-]*(\d+\. )?/, '')
      .slice(0, width)
      .includes(' ');
  return prose.filter((line) => line.length > width && !/^(\||!\[|#|\[\S+\]: )/.test(line) && canBreak(line));
}

const readmes = readdirSync(pathOf('packages')).map((name) => `packages/${name}/README.md`);
const written = [...new Set([...documents, ...readmes])].filter((document) => !generated.includes(document));

describe('prose is wrapped at 100 columns', () => {
  it.each(written)('%s', (document) => {
    expect(longLines(textOf(document))).toEqual([]);
  });
});
