/** What many turns gave: the median, and the quartiles, between which the middle half of them lies. */
export interface Spread {
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

/** What every part gave, turn by turn; the first part has one turn more than the others. */
export type Series<Part extends string> = Readonly<Record<Part, readonly number[]>>;

/**
 * Measures parts in turns, A B C A B C … A: a machine whose speed wanders is slow for all of them. A part works for a while and
 * gives what it measured; each first has a turn that does not count.
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

/** What a part gave, against the mean of what the first part, the unit, gave right before and right after. */
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

/** As `0.942 (0.931–0.953)`: the median, and the middle half. */
export const showSpread = ({ median, low, high }: Spread, digits: number): string =>
  `${median.toFixed(digits)} (${low.toFixed(digits)}–${high.toFixed(digits)})`;

/** Does a piece of work again and again for some seconds, and gives how many pieces that were a second. */
export async function perSecond(seconds: number, work: () => unknown): Promise<number> {
  const start = performance.now();
  for (let pieces = 1; ; pieces++) {
    await work();
    const elapsed = (performance.now() - start) / 1000;
    if (elapsed >= seconds) return pieces / elapsed;
  }
}

/** Seconds that a piece of work took, by the clock and of CPU. */
export interface Spent {
  readonly clock: number;
  readonly cpu: number;
}

/** What a piece of work in this process takes. */
export async function spentOn(work: () => unknown): Promise<Spent> {
  const [start, before] = [performance.now(), process.cpuUsage()];
  await work();
  const { user, system } = process.cpuUsage(before);
  return { clock: (performance.now() - start) / 1000, cpu: (user + system) / 1e6 };
}

/**
 * One kind of work against another, in turns: the ratios by the clock and of CPU time, part ÷ unit. What is done first counts for
 * neither.
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
