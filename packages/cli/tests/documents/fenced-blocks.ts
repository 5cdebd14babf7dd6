import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const repository = new URL('../../../../', import.meta.url);
export const pathOf = (file: string) => fileURLToPath(new URL(file, repository));
export const textOf = (file: string) => readFileSync(new URL(file, repository), 'utf8');

/** The documents whose commands and snippets are run. */
export const documents = [
  'README.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  'CHANGELOG.md',
  'datasets/README.md',
  'packages/runner/README.md',
  ...['docs', 'docs/guide', 'docs/decisions'].flatMap((folder) =>
    readdirSync(pathOf(folder))
      .filter((file) => file.endsWith('.md'))
      .map((file) => `${folder}/${file}`),
  ),
];

/** A fenced block of a document. */
export interface FencedBlock {
  /** `docs/plugins.md:21`, to be found when its test fails. */
  readonly place: string;
  readonly document: string;
  readonly language: string;
  readonly text: string;
  /** The file that the reader is to make of it: a comment in its first line names it. */
  readonly file: string | undefined;
}

const fences = /^```(\w*)\n([\s\S]*?)^```$/gm;
const nameInComment = /^(?:#|\/\/) ([\w./-]+\.\w+)\n/;

function blocksOf(document: string): FencedBlock[] {
  const text = textOf(document);
  return [...text.matchAll(fences)].map(({ index, 1: language = '', 2: block = '' }) => ({
    place: `${document}:${text.slice(0, index).split('\n').length}`,
    document,
    language,
    text: block,
    file: nameInComment.exec(block)?.[1],
  }));
}

/** The fenced blocks of all documents. */
export const blocks: readonly FencedBlock[] = documents.flatMap(blocksOf);

/** Those that are to be saved as a file. */
export const files = blocks.filter((block): block is FencedBlock & { file: string } => block.file !== undefined);
