import {
  FaroutError,
  type FinishedDetector,
  type FinishedPart,
  type HookDefinition,
  type PartSection,
  type ReportBlock,
  type RowStream,
  type ShownSection,
  type WhichRows,
} from '@farout/core';
import { withContext } from '../fit/learn.ts';
import { labelsKey, ofNetwork, openRows, planRows, rowStream, type FittedPart, type RowsNamed } from '../fit/rows.ts';
import { hostCode } from '../plugins/code.ts';
import { settled } from '../plugins/failure.ts';
import { Entries, hashData } from '../store/entries.ts';
import { blocksSchema, checkedBlocks } from './blocks.ts';
import {
  fitSetOf,
  identityOf,
  joinSets,
  sampleRows,
  unlessItFails,
  type PlacedPart,
  type ReportSources,
  type ScoredDetector,
} from './sources.ts';
import { Variants } from './variants.ts';

/** The sections of parts. */
interface PartSections {
  readonly parts: readonly ShownSection[];
  /** What was left out because time ran out: one phrase each. */
  readonly unfinished: readonly string[];
}

/**
 * The sections of hooks and scorers, for every detector that has scores. One that fails is left out with a warning;
 * the others continue.
 */
export async function partSections(
  scored: readonly ScoredDetector[],
  sources: ReportSources,
  time: number,
): Promise<PartSections> {
  const pages = new Pages(sources, new Variants(sources, time));
  for (const one of scored) {
    for (const [at, part] of [...one.detector.hooks, one.detector.scorer].entries()) {
      for (const section of part.definition.sections ?? []) await pages.add(section, { one, at, part });
    }
  }
  return pages.all;
}

const named = (set: string): RowsNamed => ({
  called: `"${set}"`,
  refuse: (image, rows) =>
    new FaroutError('OOD_DETECTOR_FAILED', `${rows} are NaN for the image "${image}" of "${set}"`),
});

/** A section that is the same for these detectors. */
interface Shown {
  readonly detectors: string[];
  readonly blocks: readonly ReportBlock[];
}

class Pages {
  readonly #sources: ReportSources;
  readonly #variants: Variants;
  readonly #entries: Entries;
  /** By the part's name and the section's title, in order of appearance. */
  readonly #pages = new Map<string, { readonly title: string; readonly shown: Shown[] }>();
  /** Sections of parts, by key. */
  readonly #made = new Map<string, Shown | undefined>();
  readonly #unfinished: string[] = [];

  constructor(sources: ReportSources, variants: Variants) {
    this.#sources = sources;
    this.#variants = variants;
    this.#entries = new Entries(sources);
  }

  get all(): PartSections {
    return { parts: [...this.#pages.values()], unfinished: this.#unfinished };
  }

  async add(section: PartSection, placed: PlacedPart): Promise<void> {
    const detector = placed.one.detector.name;
    const what = `the section "${section.title}" of "${detector}"`;
    const make = (work: () => Promise<readonly ReportBlock[]>) => unlessItFails(what, work, this.#sources);
    if (section.of === 'detector') {
      this.#show(section.title, placed, await make(() => this.#blocksOfDetector(section, placed)));
      return;
    }
    const key = this.#keyOf(section, placed);
    if (this.#made.has(key)) this.#made.get(key)?.detectors.push(detector);
    else this.#made.set(key, this.#show(section.title, placed, await make(() => this.#kept(key, section, placed))));
  }

  /** Sections with the same title and part are grouped; an empty section is left out. */
  #show(title: string, { one, part }: PlacedPart, blocks: readonly ReportBlock[]): Shown | undefined {
    if (blocks.length === 0) return undefined;
    const shown = { detectors: [one.detector.name], blocks };
    const id = JSON.stringify([part.origin, part.definition.name, title]);
    const page = this.#pages.get(id);
    if (page) page.shown.push(shown);
    else this.#pages.set(id, { title, shown: [shown] });
    return shown;
  }

  /** What determines a section of a part: the stored rows of all sets, and the parts up to this one. */
  #keyOf({ title }: PartSection, { one, at }: PlacedPart): string {
    const { detector } = one;
    const { experiment, sets, fitting } = this.#sources;
    const parts = [...detector.hooks, detector.scorer]
      .slice(0, at + 1)
      .map((part) => [...identityOf(part), fitSetOf(part, experiment) ?? null]);
    const told = [...sets].map(([name, { fingerprint, images }]) => [name, fingerprint, labelsKey(images)]);
    const stored = [...one.fitted.hooks, one.fitted.scorer].map((part) =>
      [...part.stored.values()].map(({ key }) => key),
    );
    const seen = [experiment.id, experiment.ood, told, stored];
    return `sections/${hashData([hostCode(), fitting.features, fitting.seed, seen, parts, title])}.json`;
  }

  async #kept(
    key: string,
    section: PartSection & { readonly of: 'part' },
    placed: PlacedPart,
  ): Promise<readonly ReportBlock[]> {
    const known = await this.#entries.readJson(key, blocksSchema);
    if (known) return known;
    const blocks = await this.#blocks(placed, (at) => section.blocks(placed.part.params, at));
    await this.#entries.writeJson(key, blocks);
    return blocks;
  }

  async #blocksOfDetector(
    section: PartSection & { readonly of: 'detector' },
    placed: PlacedPart,
  ): Promise<readonly ReportBlock[]> {
    const { metrics } = this.#sources.experiment;
    const { imagesPerSet } = this.#variants;
    let [asked, missing] = [0, 0];
    const vary: FinishedDetector['with'] = async (params) => {
      asked++;
      const measured = await this.#variants.measure(placed, params);
      if (!measured) missing++;
      return measured;
    };
    const more = {
      detector: placed.one.detector.name,
      metrics,
      ...(this.#variants.canVary(placed) && { with: vary }),
      ...(imagesPerSet !== undefined && { imagesPerSet }),
    };
    const blocks = await this.#blocks(placed, (at) => section.blocks(placed.part.params, Object.assign(at, more)));
    if (missing === 0) return blocks;
    const lacks = `lacks ${missing} of ${asked} values`;
    this.#unfinished.push(`"${section.title}" of "${placed.one.detector.name}", which ${lacks}`);
    return blocks.length === 0
      ? blocks
      : [...blocks, { note: `Cut short: it ${lacks}. Run farout report for the rest.` }];
  }

  async #blocks(placed: PlacedPart, work: (at: FinishedPart) => unknown): Promise<readonly ReportBlock[]> {
    const { experiment, fitting, signal } = this.#sources;
    const { one, at: index, part } = placed;
    const hooks = one.fitted.hooks.slice(0, index);
    const { learnt } = [...one.fitted.hooks, one.fitted.scorer][index]!;
    const fit = fitSetOf(part, experiment);
    // A section may show the last layer as it likes, and may draw at random.
    const drawing = { name: part.definition.name, draws: true } as const;
    return withContext({ ...fitting, part: drawing, hooks, learnt }, undefined, async (context) => {
      const { id, ood } = experiment;
      const at: FinishedPart = Object.assign(context, {
        id,
        ood,
        ...(fit !== undefined && { fit }),
        rows: (set: string | readonly string[], reads: readonly string[], which: WhichRows = {}) =>
          this.#rows(placed, set, reads, which),
      });
      return checkedBlocks(await settled(Promise.resolve(work(at)), signal));
    });
  }

  #rows(
    { one: { fitted }, at }: PlacedPart,
    names: string | readonly string[],
    reads: readonly string[],
    { behind = false, most = Infinity }: WhichRows,
  ): RowStream | undefined {
    const { sets, fitting } = this.#sources;
    const asked = [names].flat();
    const whole = asked.map((name) => {
      const set = sets.get(name);
      if (!set) throw new Error(`it requests the rows of "${name}", which is not a set of the run`);
      return set;
    });
    const hooks: readonly FittedPart<HookDefinition>[] = fitted.hooks.slice(0, at + Number(behind));
    const { stored } = [...fitted.hooks, fitted.scorer][at]!;
    // Features that a part reads are those before it, wherever they are stored.
    const own = new Map(
      [...stored].filter(([reading]) => !behind || !(ofNetwork as readonly string[]).includes(reading)),
    );
    const plan = planRows(fitting.network, hooks, reads, own);
    const isLacking = ({ key }: { readonly key: string }) => whole.some((set) => set.lack(key) !== undefined);
    if (!plan || [...plan.direct.values()].some(isLacking)) return undefined;
    const set = sampleRows(joinSets(whole), most);
    return {
      count: set.images.length,
      async *[Symbol.asyncIterator]() {
        const opened = await openRows(plan);
        try {
          yield* rowStream(set, plan, opened, named(asked.join('", "')));
        } finally {
          await opened.close();
        }
      },
    };
  }
}
