import { FaroutError, z } from '@farout/core';
import { merged, stagesOf } from '../check-experiment.ts';
import { chooseParameters } from '../choose/choose.ts';
import { testedSets } from '../choose/leak.ts';
import { storedGraphs } from '../extraction/executor.ts';
import type { ImagePass } from '../extraction/extract.ts';
import { uniqueReadings } from '../extraction/graphs.ts';
import type { Wanted } from '../extraction/refused.ts';
import { firstWanted, prepareForSecond, type PreparationSources } from '../prepare-detectors.ts';
import type { Entries } from '../store/entries.ts';

/** What the first pass reads of each set, for both the test and the selection. */
export async function wantedFirst(
  sources: Pick<PreparationSources, 'experiment' | 'backbone' | 'datasets' | 'services' | 'signal'>,
): Promise<ReadonlyMap<string, Wanted>> {
  const all: (readonly [string, Wanted])[] = [];
  for (const experiment of stagesOf(sources.experiment)) {
    const names = testedSets(experiment);
    const datasets = new Map([...sources.datasets].filter(([name]) => names.includes(name)));
    all.push(...(await firstWanted({ ...sources, experiment, datasets })));
  }
  return merged(all);
}

const secondSchema = z.object({
  /** Graphs by the SHA-256 under which the store keeps them, and the reading that each output is. */
  graphs: z.array(z.object({ hash: z.string(), outputs: z.record(z.string(), z.string()) })),
  /** Keys of the readings that are wanted of each set. */
  wanted: z.record(z.string(), z.array(z.string())),
});

/** What the second pass reads of each set, as plain data, since it depends on what was learnt. */
export type SecondWanted = z.output<typeof secondSchema>;

/** Lets parts learn from the first pass, and returns what the second one reads. */
export async function learnForSecond(sources: PreparationSources): Promise<SecondWanted> {
  const { experiment } = await chooseParameters(sources);
  const names = testedSets(experiment);
  const datasets = new Map([...sources.datasets].filter(([name]) => names.includes(name)));
  const wanted = await prepareForSecond({ ...sources, experiment, datasets });
  const readings = uniqueReadings([...wanted.values()].flatMap((each) => each.readings));
  const pass: ImagePass = { experiment, services: sources.services, signal: sources.signal };
  return {
    graphs: (await storedGraphs(readings, pass)).map(({ hash, outputs }) => ({ hash, outputs: { ...outputs } })),
    wanted: Object.fromEntries([...wanted].map(([name, each]) => [name, each.readings.map(({ key }) => key)])),
  };
}

const keyIn = (folder: string) => `${folder}/wanted.json`;

/** Stores it for the tasks of the second wave. */
export const writeSecond = (entries: Entries, folder: string, second: SecondWanted): Promise<void> =>
  entries.writeJson(keyIn(folder), second);

/** @throws FaroutError OOD_WORK_NOT_READY if the fit wave has not stored it. */
export async function readSecond(entries: Entries, folder: string): Promise<SecondWanted> {
  const second = await entries.readJson(keyIn(folder), secondSchema);
  if (second) return second;
  throw new FaroutError('OOD_WORK_NOT_READY', 'the store does not record yet what the second wave reads', {
    fix: 'Finish the fit wave first: farout work <experiment> --wave fit. A changed experiment needs its own fit wave.',
  });
}
