import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { circlesIn } from './circles.ts';
import { readSource, type Source } from './read-source.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const packages = path.join(root, 'packages');

/** Generated files. */
const isGenerated = (file: string) => /_pb\.ts$|-wasm\.ts$/.test(file);
/** Folders with one file per method, whatever its length: the listing shows what exists. */
const catalogues = [
  /^(?:scorers|hooks|metrics)\/src\/[^/]+$/,
  /^backbones\/src\/[^/]+$/,
  /^datasets\/src\/[^/]+$/,
  /^cli\/src\/commands\/[^/]+$/,
  /^report\/src\/[^/]*reporter\.ts$/,
  /^images\/src\/kinds\/[^/]+$/,
];
/** Files that list the members of catalogues. */
const lists = ['cli/src/built-ins.ts', 'demo/src/demo.ts', 'report/src/reporters.ts'];

const sources = readdirSync(packages)
  .sort()
  .flatMap((name) => filesBelow(path.join(packages, name, 'src')))
  .filter((file) => !isGenerated(file))
  .map((file) => readSource(path.relative(packages, file), readFileSync(file, 'utf8')));

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => path.join(entry.parentPath, entry.name))
    .sort();
}

/** A quantile of sorted values. */
const quantile = (values: readonly number[], share: number) =>
  values.toSorted((a, b) => a - b)[Math.ceil(share * values.length) - 1] ?? 0;
const spread = (values: readonly number[]) =>
  `median ${quantile(values, 0.5)}, 90th percentile ${quantile(values, 0.9)}, longest ${quantile(values, 1)}`;

const importers = new Map<string, string[]>();
for (const { file, imports } of sources)
  for (const each of imports) importers.set(each, [...(importers.get(each) ?? []), file]);

/** Modules in package.json, and those started as processes. */
const entries = new Set(
  readdirSync(packages).flatMap((name) => {
    const text = readFileSync(path.join(packages, name, 'package.json'), 'utf8');
    return [...text.matchAll(/"\.\/(src\/[^"]+\.ts)"/g)].map(([, file]) => path.join(name, file!));
  }),
);

/** The reason for a short file; undefined if none is found. */
function reasonOf({ file, exports }: Source): string | undefined {
  if (entries.has(file)) return 'entry of its package';
  if (!importers.has(file)) return 'started as a process';
  if (!exports) return 'imported for what it does';
  if (lists.includes(file)) return 'a list of parts';
  return catalogues.some((catalogue) => catalogue.test(file)) ? 'of a catalogue' : undefined;
}

const lines = sources.map((source) => source.lines);
const functions = sources.flatMap((source) => source.functions);
const short = sources.filter((source) => source.lines < 20);
const withoutReason = short.filter((source) => reasonOf(source) === undefined);
const doors = sources.filter((source) => source.lines < 30 && importers.get(source.file)?.length === 1);
const folders = [...new Set(sources.map(({ file }) => path.dirname(file)))];
const within = (folder: string) => sources.filter(({ file }) => file.startsWith(folder + path.sep));
const single = folders.filter((folder) => within(folder).length === 1);
const circles = circlesIn(new Map(sources.map(({ file, loads }) => [file, loads])));

console.log(`files            ${sources.length} of ${sum(lines)} lines: ${spread(lines)}`);
console.log(`functions        ${functions.length}, in lines: ${spread(functions)}`);
console.log(`under 20 lines   ${short.length} files, ${withoutReason.length} of them without a reason to be seen`);
for (const source of short) console.log(`  ${source.file}: ${source.lines}, ${reasonOf(source) ?? 'no reason'}`);
console.log(`under 30 lines with one importer   ${doors.length} files`);
for (const { file } of doors) console.log(`  ${file}, of ${importers.get(file)![0]!}`);
console.log(`folders of one file   ${single.length}`);
for (const folder of single) console.log(`  ${folder}`);
console.log(`circles among files   ${circles.length}`);
for (const circle of circles) console.log(`  ${circle.join(' → ')}`);

function sum(values: readonly number[]): number {
  return values.reduce((all, value) => all + value, 0);
}
