import type { FailedDetector, Logger } from '@farout/core';
import type { Services, Stopwatch } from './container.ts';
import { withSeeds } from './evaluate/seeds.ts';
import type { Experiment } from './experiment.ts';
import { costOf, costSentence } from './extraction/cost.ts';
import { extract, readingKey } from './extraction/extract.ts';
import { featuresOf, featuresWhat, uniqueReadings, type Reading } from './extraction/graphs.ts';
import type { ListedDataset } from './extraction/look-up.ts';
import {
  commonImages,
  overlapSentence,
  refuseMemorising,
  type CommonImages,
  type ToldApart,
} from './extraction/overlaps.ts';
import { openGiven, type GivenRows } from './extraction/given-rows.ts';
import type { PassResult, Wanted } from './extraction/refused.ts';
import type { ImageSet, RowSet } from './extraction/row-set.ts';
import { advance, finished, Preparing, refuseThirdPass, type Fitting } from './fit/fit.ts';
import { LearntStore } from './fit/learnt.ts';
import type { Demand, Network } from './fit/preparation.ts';
import type { FittedDetector } from './fit/rows.ts';
import type { OpenedBackbone } from './prepare/backbone.ts';
import { Entries, hashData } from './store/entries.ts';

/** What detectors are prepared from. */
export interface PreparationSources {
  readonly backbone: OpenedBackbone;
  readonly datasets: ReadonlyMap<string, ListedDataset>;
  readonly experiment: Experiment;
  readonly services: Services;
  readonly watch: Stopwatch;
  readonly signal: AbortSignal;
}

/** What is needed to determine what detectors want of images. */
type DeclarationSources = Pick<PreparationSources, 'backbone' | 'datasets' | 'experiment' | 'signal'> & {
  readonly services: Pick<Services, 'device'>;
};

/** Detectors that are ready to score, and what they were prepared with. */
export interface PreparedDetectors {
  readonly fitted: readonly FittedDetector[];
  readonly failed: readonly FailedDetector[];
  readonly sets: ReadonlyMap<string, ImageSet>;
  readonly fitting: Fitting;
  readonly common: CommonImages;
  /** How many images each pass has decoded. */
  readonly passes: readonly number[];
}

/**
 * A pass over the images, then learning from it; then, if something depends on what was learnt, a second pass and learning from that.
 */
export async function prepareDetectors(sources: PreparationSources): Promise<PreparedDetectors> {
  const { watch, signal } = sources;
  const { preparing, passes, learn, fitting, common } = await prepareFirst(sources);
  const second = await passes.plan();
  if (second.wanted.size > 0) {
    await watch.time('extract', () => second.read());
    await watch.time('fit', learn);
  }
  await preparing.each(signal, (each) => refuseThirdPass(each, each.declare()));
  const fitted = preparing.left.map((each) => finished(each, fitting));
  return { fitted, failed: preparing.failed, sets: passes.sets, fitting, common, passes: passes.read };
}

/** The first pass, and learning from it. Returns what the second pass wants of each set. */
export async function prepareForSecond(sources: PreparationSources): Promise<ReadonlyMap<string, Wanted>> {
  const { passes } = await prepareFirst(sources);
  return (await passes.plan()).wanted;
}

/** What the first pass wants of each set. */
export async function firstWanted(sources: DeclarationSources): Promise<ReadonlyMap<string, Wanted>> {
  const { experiment, signal, datasets } = sources;
  const { network, features } = networkOf(sources);
  const demands = await new Preparing(withSeeds(experiment), network, experiment.fit).declare(signal);
  return wantedOf(experiment, datasets, { features, demands: [...demands.values()].flat() });
}

async function prepareFirst(sources: PreparationSources) {
  const { experiment, services, watch, signal } = sources;
  const { network, features } = networkOf(sources);
  const preparing = new Preparing(withSeeds(experiment), network, experiment.fit);
  const passes = new Passes(preparing, features, sources);
  await watch.time('extract', async () => (await passes.plan()).read());
  const { sets } = passes;
  const common = compareSets(experiment, sets, services.logger);
  const learnt = new LearntStore(new Entries(services));
  const decides = hashData([features.key, sources.backbone.headHash]);
  const fitting: Fitting = { network, sets, learnt, features: decides, seed: experiment.seed, signal };
  const learn = () => preparing.each(signal, (each) => advance(each, fitting));
  await watch.time('fit', learn);
  return { preparing, passes, learn, fitting, common };
}

/** The network through which readings are traced, and the features as a reading. */
function networkOf({ backbone, experiment, services }: Omit<DeclarationSources, 'signal'>): {
  network: Network;
  features: Reading;
} {
  const keyOf = (hash: string) => readingKey({ experiment, services }, hash);
  const { allowLargeReadings } = experiment;
  const tensor = featuresOf(backbone.images);
  const features: Reading = { key: keyOf(backbone.hash), what: featuresWhat, tensor, graph: 'forward' };
  return { network: { ...backbone, keyOf, allowLargeReadings }, features };
}

/** The passes over the images: one, and a second if something depends both on an image and on what was learnt. */
class Passes {
  readonly #preparing: Preparing;
  readonly #features: Reading;
  readonly #on: PreparationSources;
  /** The results of passes over images. */
  readonly #read = new Map<string, RowSet>();
  /** The rows that datasets provide. */
  readonly #given = new Map<string, GivenRows>();
  /** How many images each pass has decoded. */
  readonly read: number[] = [];

  constructor(preparing: Preparing, features: Reading, on: PreparationSources) {
    this.#preparing = preparing;
    this.#features = features;
    this.#on = on;
  }

  get sets(): ReadonlyMap<string, ImageSet> {
    return this.#on.backbone.images.given ? this.#given : this.#read;
  }

  /** Declares what can be traced now. The first pass wants the features of all sets. `read` reads what is missing. */
  async plan(): Promise<{ readonly wanted: ReadonlyMap<string, Wanted>; readonly read: () => Promise<void> }> {
    const demands = await this.#preparing.declare(this.#on.signal);
    const { experiment, datasets } = this.#on;
    const features = this.sets.size === 0 ? this.#features : undefined;
    const wanted = wantedOf(experiment, datasets, { features, demands: [...demands.values()].flat() });
    const read = async () => {
      const { refused, read: count } = await this.#pass(wanted);
      // If everything is refused, there was no pass.
      const isPass = [...wanted.values()].some(({ readings }) => readings.some(({ key }) => !refused.has(key)));
      if (isPass) this.read.push(count);
      this.#preparing.refuse(demands, refused);
    };
    return { wanted, read };
  }

  async #pass(wanted: ReadonlyMap<string, Wanted>): Promise<PassResult> {
    if (this.#on.backbone.images.given) return { read: 0, refused: await openGiven(wanted, this.#given) };
    await this.#tellCost(wanted);
    return extract(wanted, this.#read, this.#on);
  }

  async #tellCost(wanted: ReadonlyMap<string, Wanted>): Promise<void> {
    const { experiment, services } = this.#on;
    const { sentence, isTooMuch } = costSentence(await costOf(wanted.values(), experiment));
    services.logger[isTooMuch ? 'warn' : 'info'](this.sets.size === 0 ? sentence : `Second pass: ${sentence}`);
  }
}

/** What is wanted of the images of each dataset: `features`, if passed, and the demands on its role. */
export function wantedOf(
  { id, ood }: Experiment,
  datasets: ReadonlyMap<string, ListedDataset>,
  { features, demands }: { readonly features?: Reading | undefined; readonly demands: readonly Demand[] },
): Map<string, Wanted> {
  const compared = new Set([...id, ...ood]);
  const all = [...datasets].map(([name, dataset]): [string, Wanted] => {
    const own = demands.filter((demand) => (demand.compared && compared.has(name)) || demand.fit.has(name));
    const readings = [...(features ? [features] : []), ...own.map(({ reading }) => reading)];
    return [name, { dataset, readings: uniqueReadings(readings) }];
  });
  return new Map(all.filter(([, { readings }]) => readings.length > 0));
}

/** What the sets have in common, by content. Logged before anything is learnt from it. */
function compareSets(experiment: Experiment, sets: ReadonlyMap<string, ImageSet>, logger: Logger): CommonImages {
  const common = commonImages(experiment, toldByContent(sets));
  refuseMemorising(experiment, common);
  for (const overlap of common.overlaps) logger.warn(overlapSentence(overlap));
  for (const { dataset, images, example } of common.duplicates) {
    const are = images === 1 ? 'is' : 'are';
    logger.info(`${images} of the images of "${dataset}" ${are} the same as an earlier one, the first "${example}".`);
  }
  return common;
}

/** The images of sets, identified by their content. */
export const toldByContent = (sets: ReadonlyMap<string, ImageSet>): ReadonlyMap<string, ToldApart> =>
  new Map(
    [...sets].map(([name, { images, contents }]) => {
      const ids = images.map(({ id }) => id);
      return [name, { ids, marks: contents.map((content) => [content]) }] as const;
    }),
  );
