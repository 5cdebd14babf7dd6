import { describe, expect, it } from '@jest/globals';
import { newKinds } from '../../src/new/new-package.ts';
import { packageFiles } from '../../src/new/package-files.ts';

const everywhere = ['.gitignore', 'README.md', 'experiment.yaml', 'package.json'];

describe('packageFiles', () => {
  it('gives a scorer in TypeScript its source, its test and what builds it', async () => {
    expect(Object.keys(await packageFiles({ kind: 'scorer', name: 'margin', language: 'ts' })).sort()).toEqual(
      [
        ...everywhere,
        'src/index.ts',
        'src/margin.ts',
        'tests/margin.test.ts',
        'tsconfig.build.json',
        'tsconfig.json',
      ].sort(),
    );
  });

  it('gives a scorer in JavaScript no trace of TypeScript', async () => {
    const files = await packageFiles({ kind: 'scorer', name: 'margin', language: 'js' });
    expect(Object.keys(files).sort()).toEqual(
      [...everywhere, 'src/index.js', 'src/margin.js', 'tests/margin.test.js'].sort(),
    );
    for (const text of Object.values(files)) expect(text).not.toMatch(/\.ts\b|TypeScript|vitest/);
  });

  it.each(newKinds)('calls the parts of a %s by their new names everywhere', async (kind) => {
    const files = await packageFiles({ kind, name: 'acme', language: 'ts' });
    const texts = Object.entries(files).filter((entry): entry is [string, string] => typeof entry[1] === 'string');
    for (const [file, text] of texts) expect(`${file}\n${text}`).not.toContain(`my-`);
  });
});
