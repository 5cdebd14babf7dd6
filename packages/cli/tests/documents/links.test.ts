import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { documents, pathOf, textOf } from './fenced-blocks.ts';

const readmesIn = (folder: string) => readdirSync(pathOf(folder)).map((name) => `${folder}/${name}/README.md`);
const readmes = [...readmesIn('packages'), ...readmesIn('docs/examples')];
const withoutCode = (text: string) =>
  text.replace(/^```[\s\S]*?^```$/gm, '').replace(/`[^`\n]*`/g, (code) => code.slice(1, -1));

const linksOf = (document: string) =>
  [...withoutCode(textOf(document)).matchAll(/\]\(([^)\s]+)\)/g)].map(([, link]) => link!);

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

/** What a package's README can lead to where it is installed: what `files` of its manifest names. */
const isPublished = (readme: string, link: string) => {
  const { files } = JSON.parse(textOf(readme.replace('README.md', 'package.json'))) as { files: readonly string[] };
  return link.startsWith('#') || files.some((file) => link.split(/[/#]/)[0] === file);
};

describe('every link of a README that is published leads to what is published with it', () => {
  it.each(readmesIn('packages'))('%s', (readme) => {
    const outside = linksOf(readme).filter((link) => !/^https?:/.test(link) && !isPublished(readme, link));
    expect(outside).toEqual([]);
  });
});

describe('every link within the repository leads somewhere', () => {
  it.each([...documents, ...readmes])('%s', (document) => {
    const inside = linksOf(document).filter((link) => !/^https?:/.test(link));
    expect(inside.map((link) => faultIn(document, link)).filter((fault) => fault !== undefined)).toEqual([]);
  });
});

/** What the code of a document imports of farout's packages by name, types aside: those are gone when it runs. */
const importsOf = (document: string) =>
  [...textOf(document).matchAll(/^import \{([^}]*)\} from '(@farout\/\w+)';$/gm)].flatMap(([, names, from]) =>
    names!
      .split(',')
      .map((name) => name.trim())
      .filter((name) => name !== '' && !name.startsWith('type '))
      .map((name) => [from!, name] as const),
  );

describe('every import in the code of a README is exported', () => {
  it.each(readmes.filter((readme) => importsOf(readme).length > 0))('%s', async (readme) => {
    for (const [from, name] of importsOf(readme))
      expect({ from, exports: Object.keys((await import(from)) as object) }).toEqual({
        from,
        exports: expect.arrayContaining([name]),
      });
  });
});
