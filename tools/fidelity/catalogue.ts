import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { farout } from '../farout-process.ts';
import { writePage } from './catalogue-page.ts';
import { comparedColumns, goldenSets, type ComparedColumn, type GoldenSet } from './catalogue-columns.ts';
import type { Check } from './check.ts';

/** The difference between a detector's scores and a column of the reference. */
export interface Comparison extends ComparedColumn {
  readonly column: string;
  readonly set: GoldenSet['name'];
  /** max |a − b| / max(|b|, standard deviation of the column), and its bound. */
  readonly difference: number;
  readonly allowed: number;
  /** Rank correlation of the scores. */
  readonly spearman: number;
  /** The largest difference of an AUROC, over the OOD sets. */
  readonly auroc: number;
}

/** Compares every detector of the catalogue with its authors' code, on the same features, through `farout run`. */
export async function catalogue(data: string, folder: string): Promise<Check[]> {
  const all: Comparison[] = [];
  for (const set of goldenSets) all.push(...(await compareSet(set, data, folder)));
  if (process.argv.includes('--write')) writePage(all);
  return all.map(checkOf);
}

/** The bound if the authors' code was run in double precision. */
const largest = 1e-5;

function checkOf({ set, detector, column, difference, allowed, spearman, auroc }: Comparison): Check {
  return {
    what: `${set}: ${detector} against ${column}`,
    seen: `${difference.toExponential(1)}, ranks ${spearman.toFixed(6)}, AUROC ${auroc.toExponential(0)}`,
    asked: `≤ ${allowed.toExponential(1)}, ≥ 0.9999, ≤ 1e-4`,
    holds: difference <= allowed && spearman >= 0.9999 && auroc <= 1e-4,
  };
}

/** The plugin with scorers that use the random draws of the authors' code. */
const goldenDraws = fileURLToPath(new URL('golden-draws.ts', import.meta.url));

/** Runs all detectors that have a column in a set of reference numbers, and compares their scores. */
export async function compareSet(set: GoldenSet, data: string, folder: string): Promise<Comparison[]> {
  const golden = path.join(data, 'golden', 'catalogue', set.name);
  const columns = comparedColumns.filter(({ sets }) => sets.includes(set.name));
  const detectors = Object.fromEntries(columns.map(({ detector, parts }) => [detector, parts]));
  const place = path.join(folder, set.name);
  mkdirSync(place, { recursive: true });
  const file = path.join(place, 'catalogue.yaml');
  // JSON is valid YAML.
  const experiment = { ...set.experiment(golden), plugins: [goldenDraws], detectors, store: path.join(place, 'store') };
  writeFileSync(file, JSON.stringify(experiment));
  const finished = await farout(['run', file, '--out', path.join(place, 'run'), '--no-report']);
  const ours = readTable(path.join(place, 'run', 'scores.csv'));
  if (ours.size === 0) throw new Error(`the run produced no scores:\n${finished.stderr}`);
  const [theirs, exact, methods] = [
    readTable(path.join(golden, 'scores.csv')),
    readTable(path.join(golden, 'scores-f64.csv')),
    methodsOf(golden),
  ];
  return columns.flatMap((compared) => {
    const scored = ours.get(compared.detector);
    if (!scored) return [missing(set, compared, finished.stdout)];
    const scores = scored.map((score) => compared.as?.(Number(score)) ?? score);
    return compared.columns.map((column) => {
      const wanted = exact.get(column) ?? theirs.get(column)!;
      const own = methods.get(column)?.float32AgainstFloat64?.maxRelative ?? 0;
      const cost = exact.has(column) && !compared.single ? 0 : Math.max(own, compared.singleCost ?? 0);
      const allowed = Math.max(largest, 3 * cost);
      return { ...compared, column, set: set.name, ...differences(scores, wanted, ours.get('dataset')!), allowed };
    });
  });
}

const missing = (set: GoldenSet, compared: ComparedColumn, said: string): Comparison => {
  const why = said.split('\n').find((line) => line.includes(`${compared.detector}:`));
  console.error(`${set.name}: no scores of ${why?.trim() ?? compared.detector}`);
  return {
    ...compared,
    column: compared.columns[0]!,
    set: set.name,
    difference: NaN,
    allowed: largest,
    spearman: 0,
    auroc: 1,
  };
};

/** Columns by name; text columns stay text. */
type Table = ReadonlyMap<string, readonly (number | string)[]>;

function readTable(file: string): Table {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return new Map();
  }
  const [head, ...lines] = text
    .trim()
    .split(/\r?\n/)
    .map((line) => line.split(','));
  return new Map(
    head!.map((name, at) => [
      name,
      lines.map((line) => (Number.isNaN(Number(line[at])) ? line[at]! : Number(line[at]))),
    ]),
  );
}

interface Method {
  readonly column: string;
  readonly float32AgainstFloat64?: { readonly maxRelative: number };
}

function methodsOf(golden: string): ReadonlyMap<string, Method> {
  const { columns } = JSON.parse(readFileSync(path.join(golden, 'methods.json'), 'utf8')) as { columns: Method[] };
  return new Map(columns.map((method) => [method.column, method]));
}

function differences(
  ours: Table extends ReadonlyMap<string, infer C> ? C : never,
  theirs: readonly (number | string)[],
  sets: readonly (number | string)[],
) {
  const [a, b] = [ours.map(Number), theirs.map(Number)];
  const mean = b.reduce((sum, each) => sum + each, 0) / b.length;
  const spread = Math.sqrt(b.reduce((sum, each) => sum + (each - mean) ** 2, 0) / b.length);
  const difference = Math.max(...a.map((each, at) => Math.abs(each - b[at]!) / Math.max(Math.abs(b[at]!), spread)));
  const [id, ...ood] = [...new Set(sets)];
  const aurocs = ood.map((set) => {
    const of = (scores: readonly number[], name: unknown) => scores.filter((_, at) => sets[at] === name);
    return Math.abs(aurocOf(of(a, id), of(a, set)) - aurocOf(of(b, id), of(b, set)));
  });
  return { difference, spearman: correlation(ranks(a), ranks(b)), auroc: Math.max(...aurocs) };
}

/** P(ID > OOD) + P(ID = OOD) / 2, by counting pairs. */
const aurocOf = (id: readonly number[], ood: readonly number[]) =>
  id.reduce((sum, one) => sum + ood.reduce((own, other) => own + (one > other ? 1 : one === other ? 0.5 : 0), 0), 0) /
  (id.length * ood.length);

/** Ranks from 1; ties get their mean rank. */
function ranks(values: readonly number[]): number[] {
  const order = [...values.keys()].sort((one, other) => values[one]! - values[other]!);
  const found = new Array<number>(values.length);
  for (let start = 0; start < order.length;) {
    let end = start;
    do end++;
    while (end < order.length && values[order[end]!] === values[order[start]!]);
    for (let at = start; at < end; at++) found[order[at]!] = (start + end + 1) / 2;
    start = end;
  }
  return found;
}

function correlation(a: readonly number[], b: readonly number[]): number {
  const mean = (a.length + 1) / 2;
  let [ab, aa, bb] = [0, 0, 0];
  for (const [at, one] of a.entries()) {
    ab += (one - mean) * (b[at]! - mean);
    aa += (one - mean) ** 2;
    bb += (b[at]! - mean) ** 2;
  }
  return ab / Math.sqrt(aa * bb);
}
