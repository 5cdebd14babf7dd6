import { readFileSync, readdirSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';

const repository = new URL('../../../', import.meta.url);
const text = (file: string) => readFileSync(new URL(file, repository), 'utf8');

/** The table "The packages" of the architecture document: package → what it imports. */
function documented(): Map<string, string[]> {
  const rows = text('docs/architecture.md').matchAll(/^\| `(\w+)` \| .* \| ([^|]+) \|$/gm);
  return new Map(
    [...rows].map(([, name, imports]) => [name!, imports === 'nothing' ? [] : imports!.split(', ').sort()]),
  );
}

/** What the sources of a package really import of the others. */
function imported(name: string): string[] {
  const files = readdirSync(new URL(`packages/${name}/src/`, repository), { recursive: true, encoding: 'utf8' });
  const sources = files.filter((file) => file.endsWith('.ts')).map((file) => text(`packages/${name}/src/${file}`));
  const imports = /(?:from |import\()'@farout\/(\w+)/g;
  return [...new Set(sources.flatMap((source) => [...source.matchAll(imports)].map(([, other]) => other!)))].sort();
}

type Arrows = ReadonlyMap<string, readonly string[]>;

/** The arrows of the figure that stands behind a sentence: `a --> b & c`. */
function drawn(sentence: string): Arrows {
  const [, figure] = text('docs/architecture.md').split(sentence)[1]!.split('```mermaid\n');
  const lines = figure!.split('```')[0]!.trim().split('\n').slice(1);
  return new Map(
    lines.map((line) => line.trim().split(' --> ')).map(([from, to]) => [from!, (to?.split(' & ') ?? []).sort()]),
  );
}

/** Where one comes by one arrow or more. */
function reached(arrows: Arrows, from: string): Set<string> {
  const found = new Set<string>();
  const waiting = [...(arrows.get(from) ?? [])];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (found.has(next)) continue;
    found.add(next);
    waiting.push(...(arrows.get(next) ?? []));
  }
  return found;
}

/** The arrows that no others imply. */
const reduced = (arrows: Arrows): Arrows =>
  new Map(
    [...arrows].map(([from, to]) => [from, to.filter((one) => !to.some((other) => reached(arrows, other).has(one)))]),
  );

const packages = readdirSync(new URL('packages/', repository)).sort();

/** What the folders of the runner really import of each other. */
function importedByFolders(): Arrows {
  const source = new URL('packages/runner/src/', repository);
  const folders = readdirSync(source, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return new Map(
    folders.map(({ name }) => {
      const files = readdirSync(new URL(`${name}/`, source)).map((file) => text(`packages/runner/src/${name}/${file}`));
      const others = files.flatMap((file) => [...file.matchAll(/from '\.\.\/([\w-]+)\//g)].map(([, other]) => other!));
      return [name, [...new Set(others)].sort()];
    }),
  );
}

/** Without what has no arrow, which a figure need not show. */
const some = (arrows: Arrows) => new Map([...arrows].filter(([, to]) => to.length > 0).sort());

describe('docs/architecture.md', () => {
  it.each([
    [
      'packages',
      'Arrows that follow from others are left out.',
      new Map(packages.map((name) => [name, imported(name)])),
    ],
    ["the runner's folders", 'as they import each other.', importedByFolders()],
  ])('draws %s with the arrows of the imports, and none in a circle', (_, sentence, arrows: Arrows) => {
    expect(some(drawn(sentence))).toEqual(some(reduced(arrows)));
    for (const name of arrows.keys()) expect([...reached(arrows, name)]).not.toContain(name);
  });

  it('lists every package and no other', () => {
    expect([...documented().keys()].sort()).toEqual(readdirSync(new URL('packages/', repository)).sort());
  });

  it.each([...documented()])('says what %s imports', (name, imports) => {
    expect(imported(name)).toEqual(imports);
  });
});
