/** The results of many turns: the median and the quartiles. */
export interface Spread {
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

/** The results of every part, turn by turn; the first part has one more turn than the others. */
export type Series<Part extends string> = Readonly<Record<Part, readonly number[]>>;

/**
 * Measures parts in turns, A B C A B C … A, so that a machine with varying speed affects all of them. A part works for a while and returns its
 * measurement; each has a warm-up turn first.
 */
export async function inTurns<Part extends string>(
  parts: Readonly<Record<Part, () => Promise<number>>>,
  turns: number,
): Promise<Series<Part>> {
  const names = Object.keys(parts) as Part[];
  const series = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<Part, number[]>;
  for (const name of names) await parts[name]();
  for (let turn = 0; turn < turns; turn++) {
    for (const name of names) series[name].push(await parts[name]());
  }
  series[names[0]!].push(await parts[names[0]!]());
  return series;
}

/** The results of a part, relative to the mean of the first part, the unit, right before and right after. */
export const ratios = (part: readonly number[], unit: readonly number[]): number[] =>
  part.map((value, turn) => (2 * value) / (unit[turn]! + unit[turn + 1]!));

/** The spread of some values. */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number) => {
    const place = share * (sorted.length - 1);
    const [below, part] = [Math.floor(place), place % 1];
    return sorted[below]! + part * ((sorted[below + 1] ?? sorted[below]!) - sorted[below]!);
  };
  return { median: at(0.5), low: at(0.25), high: at(0.75) };
}

/** `0.942 (0.931–0.953)`: the median and the quartiles. */
export const showSpread = ({ median, low, high }: Spread, digits: number): string =>
  `${median.toFixed(digits)} (${low.toFixed(digits)}–${high.toFixed(digits)})`;

/** Repeats a piece of work for some seconds, and returns the repetitions per second. */
export async function perSecond(seconds: number, work: () => unknown): Promise<number> {
  const start = performance.now();
  for (let pieces = 1; ; pieces++) {
    await work();
    const elapsed = (performance.now() - start) / 1000;
    if (elapsed >= seconds) return pieces / elapsed;
  }
}

/** Wall-clock and CPU seconds of a piece of work. */
export interface Spent {
  readonly clock: number;
  readonly cpu: number;
}

/** Measures a piece of work in this process. */
export async function spentOn(work: () => unknown): Promise<Spent> {
  const [start, before] = [performance.now(), process.cpuUsage()];
  await work();
  const { user, system } = process.cpuUsage(before);
  return { clock: (performance.now() - start) / 1000, cpu: (user + system) / 1e6 };
}

/**
 * Compares one kind of work with another, in turns: the ratios of wall-clock and CPU time, part ÷ unit. The first run of each is a warm-up.
 */
export async function compareInTurns(
  part: () => Promise<Spent>,
  unit: () => Promise<Spent>,
  turns: number,
): Promise<Readonly<Record<keyof Spent, Spread>>> {
  const spent = { part: [] as Spent[], unit: [] as Spent[] };
  const noted = (work: () => Promise<Spent>, own: Spent[]) => async () => {
    own.push(await work());
    return own.length;
  };
  await inTurns({ unit: noted(unit, spent.unit), part: noted(part, spent.part) }, turns);
  const of = (key: keyof Spent) => {
    const [parts, units] = [spent.part, spent.unit].map((all) => all.slice(1).map((each) => each[key]));
    return spreadOf(ratios(parts!, units!));
  };
  return { clock: of('clock'), cpu: of('cpu') };
}
