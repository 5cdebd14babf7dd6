import type { PercentileSweep } from '@farout/core';
import { percentileSweep } from './percentile-sweep.ts';
import type { ReportSources, ScoredDetector } from './report-sources.ts';
import { sampleRows } from './sample-rows.ts';
import { unlessItFails } from './unless-it-fails.ts';

/** Of how many images of a set a sweep is computed at most: more would not move a curve by what can be seen. */
const sweptImages = 2000;

/** The sweep of every detector that has a percentile to sweep over; one that fails costs a warning and not the others'. */
export async function percentileSweeps(
  scored: readonly ScoredDetector[],
  { experiment, sets, fitting, signal, logger }: ReportSources,
): Promise<PercentileSweep[]> {
  const sample = (name: string) => sampleRows(sets.get(name)!, sweptImages);
  const sources = {
    fitting: { ...fitting, set: experiment.fit === undefined ? undefined : await sample(experiment.fit) },
    id: await sample(experiment.id),
    ood: new Map<string, Awaited<ReturnType<typeof sample>>>(),
    metrics: experiment.metrics,
    signal,
  };
  for (const name of experiment.ood) sources.ood.set(name, await sample(name));
  const isCut = [...sets.values()].some(({ images }) => images.length > sweptImages);
  const made: PercentileSweep[] = [];
  for (const { detector, fitted } of scored) {
    const sweeps = async () => [await percentileSweep(detector, fitted, sources)];
    const [swept] = await unlessItFails(`the sweep of "${detector.name}" over percentiles`, sweeps, { logger, signal });
    if (swept) made.push({ ...swept, ...(isCut && { imagesPerSet: sweptImages }) });
  }
  return made;
}
