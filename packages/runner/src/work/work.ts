import { pixelRecipe } from '@farout/images';
import { withCores } from '../cores.ts';
import { openStored } from '../extraction/execute-task.ts';
import type { ImagePass } from '../extraction/extract.ts';
import { uniqueReadings } from '../extraction/graphs.ts';
import { cutListing } from '../extraction/look-up.ts';
import { withOpened, withPool } from '../extraction/open-pool.ts';
import { withoutRefused } from '../extraction/refused.ts';
import { openExperiment, type OpenedExperiment } from '../open-experiment.ts';
import { openDatasets } from '../prepare/datasets.ts';
import { Entries } from '../store/entries.ts';
import { storeFolder } from '../store/store.ts';
import { openListed } from './listings.ts';
import { experimentMark } from './mark.ts';
import { recordsKey } from './records.ts';
import { withLoaded, type Loaded, type SharedRequest } from './request.ts';
import { imagesIn, readShare, type ShareDone } from './share.ts';
import type { Task } from './sharing.ts';
import { stretchesOf, type Stretch } from './stretches.ts';
import { learnForSecond, readSecond, wantedFirst, writeSecond } from './wanted.ts';

/** The waves of an experiment, in order. Each needs all tasks of the previous one to be done. */
export const waves = ['features', 'fit', 'second'] as const;

/**
 * `features`: the first pass over the images. `fit`: parts learn, which is a single task. `second`: readings that
 * depend on something learnt.
 */
export type WaveName = (typeof waves)[number];

/** The work of a task. */
export interface WorkRequest extends SharedRequest {
  /** Which of how many tasks; default: the only one. */
  readonly task?: Task | undefined;
  /** Default: the first wave. */
  readonly wave?: WaveName | undefined;
  /** How many cores to use; default: as many as the machine has. */
  readonly cores?: number | undefined;
}

/**
 * Does one task of an experiment: fills its part of the store, so that a run of the same experiment reads no image. Tasks may
 * run in parallel or one after another, on one host or many, and repeatedly; the results of a run do not depend on them.
 *
 * @throws FaroutError or FaroutErrors for what is wrong with the experiment or the machine (`kind` says whether a
 *   retry can help); Interrupted if the signal stopped it.
 */
export async function work(file: string, { task, wave, cores, ...request }: WorkRequest): Promise<ShareDone> {
  const { [wave ?? 'features']: does } = works;
  return withCores(cores, () =>
    withLoaded(file, request, (loaded) => does({ ...loaded, task: task ?? { index: 0, of: 1 } })),
  );
}

/** The context of a wave. */
interface Working extends Loaded {
  readonly task: Task;
}

const none: ShareDone = { read: 0, left: 0 };

const works: Readonly<Record<WaveName, (working: Working) => Promise<ShareDone>>> = {
  async features(working) {
    const { experiment, services, signal, task } = working;
    const opened = await openFor(working);
    if (opened.backbone.images.given) return none;
    const wanted = await wantedFirst({ ...working, ...opened });
    const pass: ImagePass = { experiment, services, signal };
    let left = 0;
    const { read } = await withoutRefused(wanted, pass, async (some) => {
      const readings = uniqueReadings([...some.values()].flatMap((each) => each.readings));
      const stretches = stretchesOf(some);
      const done = await withPool(pass, readings, imagesIn(stretches), (pool) =>
        readShare({ ...waveOf(working, 'features'), stretches }, task, pass, pool),
      );
      left = done.left;
      return done.read;
    });
    return { read, left };
  },

  async fit(working) {
    if (working.task.index > 0) return none;
    const opened = await openFor(working, openDatasets);
    const { folder } = waveOf(working, 'second');
    await writeSecond(new Entries(working.services), folder, await learnForSecond({ ...working, ...opened }));
    return none;
  },

  async second(working) {
    const { experiment, services, signal, task } = working;
    const entries = new Entries(services);
    const wave = waveOf(working, 'second');
    const { graphs, wanted } = await readSecond(entries, wave.folder);
    if (graphs.length === 0) return none;
    const { datasets } = await openFor(working);
    const stretches = Object.entries(wanted).flatMap(([dataset, readings]) =>
      cutListing(datasets.get(dataset)!).map((cut): Stretch => ({ dataset, cut, readings })),
    );
    const made = { graphs, store: storeFolder(experiment), recipe: pixelRecipe(experiment.backbone.params) };
    const open = () => openStored({ ...made, device: services.device }, imagesIn(stretches), { ...services, entries });
    return withOpened(signal, open, (pool) =>
      readShare({ ...wave, stretches }, task, { experiment, services, signal }, pool),
    );
  },
};

const waveOf = ({ experiment, task: { index, of } }: Working, wave: WaveName) => ({
  name: `Task ${index}/${of}`,
  folder: recordsKey(experimentMark(experiment), wave),
});

async function openFor(
  { experiment, services, watch }: Working,
  open: Parameters<typeof openExperiment>[2] = (of) => openListed(of, services),
): Promise<OpenedExperiment> {
  const opened = await watch.time('open', () => openExperiment(experiment, services.progress, open));
  if (opened.backbone.weights !== undefined) services.logger.info(opened.backbone.weights);
  for (const note of opened.backbone.notes) services.logger.warn(note);
  return opened;
}
