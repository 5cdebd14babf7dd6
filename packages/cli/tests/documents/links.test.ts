import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { documents, pathOf, textOf } from './fenced-blocks.ts';

const readmesIn = (folder: string) => readdirSync(pathOf(folder)).map((name) => `${folder}/${name}/README.md`);
const readmes = [...readmesIn('packages'), ...readmesIn('docs/examples')];
const withoutCode = (text: string) =>
  text.replace(/^```[\s\S]*?^```$/gm, '').replace(/`[^`\n]*`/g, (code) => code.slice(1, -1));

/** The anchors of a document, as GitHub makes them of its headings. */
const anchorsOf = (document: string) =>
  [...withoutCode(textOf(document)).matchAll(/^#+ (.+)$/gm)].map(([, heading]) =>
    heading!
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );

function faultIn(document: string, link: string): string | undefined {
  const [file, anchor] = link.split('#') as [string, string?];
  const target = file === '' ? document : path.posix.join(path.posix.dirname(document), file);
  if (!existsSync(pathOf(target))) return `${link}: there is no ${target}`;
  return anchor === undefined || anchorsOf(target).includes(anchor) ? undefined : `${link}: no such heading`;
}

describe('every link within the repository leads somewhere', () => {
  it.each([...documents, ...readmes])('%s', (document) => {
    const links = [...withoutCode(textOf(document)).matchAll(/\]\(([^)\s]+)\)/g)].map(([, link]) => link!);
    const inside = links.filter((link) => !/^https?:/.test(link));
    expect(inside.map((link) => faultIn(document, link)).filter((fault) => fault !== undefined)).toEqual([]);
  });
});
