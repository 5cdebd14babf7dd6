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
  return [
    ...new Set(sources.flatMap((source) => [...source.matchAll(/from '@oodkit\/(\w+)'/g)].map(([, other]) => other!))),
  ].sort();
}

describe('docs/architecture.md', () => {
  it('lists every package and no other', () => {
    expect([...documented().keys()].sort()).toEqual(readdirSync(new URL('packages/', repository)).sort());
  });

  it.each([...documented()])('says what %s imports', (name, imports) => {
    expect(imported(name)).toEqual(imports);
  });
});
