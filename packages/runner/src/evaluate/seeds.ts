import type { FailedDetector, MetricResult } from '@farout/core';
import type { Detector, Experiment } from '../experiment.ts';
import type { Evaluation } from './evaluate.ts';
import type { DatasetScores } from '../score/on-features.ts';

/**
 * The detectors of an experiment, plus copies of those whose parts draw at random, for each further seed: `seed` + 1,
 * `seed` + 2 … The copies have names of their own, which do not appear in results.
 */
export function withSeeds({
  detectors,
  seed,
  seeds = 1,
}: Pick<Experiment, 'detectors' | 'seed' | 'seeds'>): Detector[] {
  const taken = new Set(detectors.map(({ name }) => name));
  const further = Array.from({ length: seeds - 1 }, (_, at) => seed + 1 + at);
  const copies = detectors.filter(draws).flatMap((detector) =>
    further.map((each) => {
      let name = `${detector.name}, seed ${each}`;
      while (taken.has(name)) name += ' ';
      taken.add(name);
      return { ...detector, name, again: { of: detector.name, seed: each } };
    }),
  );
  return [...detectors, ...copies];
}

const draws = ({ hooks, scorer }: Detector) => [...hooks, scorer].some(({ definition }) => definition.draws === true);

/** Combines the results of an experiment's seeds. */
export class Seeds {
  /** Maps the copies of detectors for further seeds to their originals. */
  readonly #again: ReadonlyMap<string, NonNullable<Detector['again']>>;
  readonly #count: number;
  readonly #first: number;
  /** The detectors whose numbers are means. */
  readonly repeated: ReadonlySet<string>;

  constructor(experiment: Pick<Experiment, 'detectors' | 'seed' | 'seeds'>) {
    this.#again = new Map(withSeeds(experiment).flatMap(({ name, again }) => (again ? [[name, again]] : [])));
    [this.#first, this.#count] = [experiment.seed, experiment.seeds ?? 1];
    this.repeated = new Set([...this.#again.values()].map(({ of }) => of));
  }

  /** Whether a detector belongs to the experiment's own seed. */
  isFirst = ({ name }: { readonly name: string }): boolean => !this.#again.has(name);

  /** The scores of the experiment's own seed. */
  firstScores(sets: ReadonlyMap<string, DatasetScores>): Map<string, DatasetScores> {
    const of = ({ scores, ...set }: DatasetScores): DatasetScores => ({
      ...set,
      scores: new Map([...scores].filter(([name]) => this.isFirst({ name }))),
    });
    return new Map([...sets].map(([name, set]) => [name, of(set)]));
  }

  /** Failures by the names of the experiment's detectors. For one that failed with its own seed, other seeds are not reported. */
  failures(failed: readonly FailedDetector[]): FailedDetector[] {
    const own = new Set(failed.filter(({ detector }) => !this.#again.has(detector)).map(({ detector }) => detector));
    return failed.flatMap((each) => {
      const again = this.#again.get(each.detector);
      if (!again) return [each];
      if (own.has(again.of)) return [];
      own.add(again.of);
      return [{ ...each, detector: again.of, message: `with the seed ${again.seed}: ${each.message}` }];
    });
  }

  /**
   * An evaluation in which the numbers of detectors with several seeds are means over them; thresholds and everything
   * else belong to the experiment's own seed. A number that is missing for a seed is left out; so is the whole
   * detector if a seed gave no scores.
   */
  means(evaluation: Evaluation): Evaluation {
    const { results, thresholds, constant, tied, failed } = evaluation;
    const scored = Object.keys(thresholds);
    const lacking = new Set([...this.#again].filter(([name]) => !scored.includes(name)).map(([, { of }]) => of));
    const isKept = (name: string) => this.isFirst({ name }) && !lacking.has(name);
    const kept = <T>(record: Readonly<Record<string, T>>) =>
      Object.fromEntries(Object.entries(record).filter(([name]) => isKept(name)));
    return {
      results: this.#meanResults(results).filter(({ detector }) => isKept(detector)),
      thresholds: kept(thresholds),
      constant: constant.filter(isKept),
      tied: kept(tied),
      failed: this.failures(failed),
    };
  }

  #meanResults(results: readonly MetricResult[]): MetricResult[] {
    const cells = new Map<string, number[]>();
    const keyOf = ({ detector, ood, metric }: MetricResult) =>
      JSON.stringify([this.#again.get(detector)?.of ?? detector, ood, metric]);
    for (const result of results) cells.set(keyOf(result), [...(cells.get(keyOf(result)) ?? []), result.value]);
    return results.flatMap((result) => {
      if (!this.repeated.has(result.detector)) return [result];
      const values = cells.get(keyOf(result))!;
      const count = this.#count;
      if (values.length < count) return [];
      const value = values.reduce((sum, each) => sum + each, 0) / count;
      const squares = values.reduce((sum, each) => sum + (each - value) ** 2, 0);
      return [{ ...result, value, seeds: { count, deviation: Math.sqrt(squares / (count - 1)) } }];
    });
  }

  /** A remark on these means for readers of the numbers; undefined if no detector is run with several seeds. */
  get remark(): string | undefined {
    if (this.repeated.size === 0) return undefined;
    const names = [...this.repeated].join(', ');
    const seeds = `the ${this.#count} seeds ${this.#first} to ${this.#first + this.#count - 1}`;
    return (
      `Means over ${seeds}, on the same images: the numbers of ${names}. They have no interval, and are not tested against other rows. ` +
      `Everything else shown for them (scores, curves, thresholds) is of the seed ${this.#first}`
    );
  }
}
