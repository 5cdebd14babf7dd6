import { version } from '../version.ts';
import type { NewPackage, NewPart } from './new-package.ts';

/** The programs that a package in TypeScript is built and tested with; a test holds them to those of this repository. */
export const programs = { '@types/node': '^20.19.0', typescript: '^6.0.3', vitest: '^4.1.12' };

const byLanguage = {
  ts: {
    exports: { types: './dist/index.d.ts', default: './dist/index.js' },
    folder: 'dist',
    scripts: {
      test: 'vitest run --testTimeout=60000',
      types: 'tsc',
      build: 'tsc -p tsconfig.build.json',
      prepack: 'npm run types && npm run build',
    },
    programs,
  },
  js: { exports: './src/index.js', folder: 'src', scripts: { test: 'node --test' }, programs: {} },
};

/**
 * The package.json. What it shares with farout is a peer, so that there is one copy; it is published only when its author
 * has given it a licence.
 */
export function manifest({ kind, name, language }: NewPackage, parts: readonly NewPart[]): string {
  const { exports, folder, scripts, programs } = byLanguage[language];
  const hasWeights = parts.some((part) => part.kind === 'backbone');
  const range = `^${version}`;
  const content = {
    name,
    version: '0.1.0',
    description: `A ${kind} for farout`,
    keywords: ['farout', 'out-of-distribution'],
    license: 'UNLICENSED',
    type: 'module',
    engines: { node: '^20.19 || ^22.12 || >=24' },
    exports,
    files: [folder, ...(hasWeights ? ['weights'] : [])],
    scripts,
    peerDependencies: { '@farout/core': range, ...(hasWeights && { '@farout/tensor': range }) },
    devDependencies: { '@farout/testing': range, ...programs, farout: range },
  };
  return `${JSON.stringify(content, undefined, 2)}\n`;
}
