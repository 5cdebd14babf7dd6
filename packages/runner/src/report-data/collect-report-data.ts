import { curveOf, type Mistake, type Mistakes, type ReportData, type ReportSectionDefinition } from '@farout/core';
import { joinScores, type Evaluation } from '../evaluate/evaluate.ts';
import { Entries } from '../store/entries.ts';
import { checkedBlocks } from './blocks.ts';
import { rocCurve, scoreDistribution } from './curves.ts';
import { mistakes, Thumbnails } from './mistakes.ts';
import { partSections } from './part-sections.ts';
import { unlessItFails, type ReportSources, type ScoredDetector } from './sources.ts';

/**
 * The data that a report draws. It is not part of the results: what fails is left out with a warning, and the run
 * keeps its scores. `time`: milliseconds that sections of parts may spend on computing variants of whole detectors.
 *
 * @throws the signal's reason if the run is stopped; FaroutError OOD_STORE_FAILED.
 */
export async function collectReportData(
  sources: ReportSources,
  evaluation: Evaluation,
  time: number,
): Promise<ReportData> {
  const scored = scoredDetectors(sources);
  const { parts, unfinished } = await partSections(scored, sources, time);
  for (const what of unfinished)
    sources.logger.warn(`The report has only a part of ${what}: run farout report for the rest.`);
  return {
    schemaVersion: 1,
    ...pairs(scored, sources),
    parts,
    mistakes: await unlessItFails('the misjudged images', () => allMistakes(scored, sources), sources),
    sections: await pluginSections(sources.experiment.sections, evaluation, sources),
    ...(unfinished.length > 0 && { unfinished }),
  };
}

function scoredDetectors({ experiment, fitted, scores }: ReportSources): ScoredDetector[] {
  const compared = [...experiment.id, ...experiment.ood].map((name) => scores.get(name)!);
  return fitted
    .filter(({ name }) => compared.every((set) => set.scores.has(name)))
    .map((ready) => ({
      fitted: ready,
      detector: experiment.detectors.find(({ name }) => name === ready.name)!,
    }));
}

/** What is drawn for every detector on every OOD set. */
function pairs(
  scored: readonly ScoredDetector[],
  { experiment, scores }: ReportSources,
): Pick<ReportData, 'distributions' | 'curves'> {
  const id = joinScores(experiment.id, scores).scores;
  const all = scored.flatMap(({ detector: { name: detector } }) =>
    experiment.ood.map((ood) => {
      const curve = curveOf(id.get(detector)!, scores.get(ood)!.scores.get(detector)!);
      return [
        { detector, ood, ...scoreDistribution(curve) },
        { detector, ood, ...rocCurve(curve) },
      ] as const;
    }),
  );
  return { distributions: all.map(([distribution]) => distribution), curves: all.map(([, curve]) => curve) };
}

async function allMistakes(scored: readonly ScoredDetector[], sources: ReportSources): Promise<readonly Mistakes[]> {
  const { experiment, sets, scores, classes } = sources;
  const thumbnails = new Thumbnails(new Entries(sources));
  const of = (names: readonly string[]) => new Map(names.map((name) => [name, scores.get(name)!]));
  const [id, ood] = [of(experiment.id), of(experiment.ood)];
  const all: Mistakes[] = [];
  // One after another, because each reads several whole images at once.
  for (const { detector } of scored) all.push(await mistakes(detector.name, { id, ood, sets, classes }, thumbnails));
  warnOfMissing(all, sources);
  return all;
}

/** A single warning however many are missing: they are often missing together. */
function warnOfMissing(all: readonly Mistakes[], { logger }: ReportSources): void {
  const missing = new Map<string, Mistake>();
  for (const each of all.flatMap(({ highestOod, lowestId }) => [...highestOod, ...lowestId])) {
    if (each.noThumbnail !== undefined) missing.set(JSON.stringify([each.dataset, each.image]), each);
  }
  const [first] = missing.values();
  if (!first) return;
  const images = missing.size === 1 ? 'the picture of' : `the pictures of ${missing.size} images, the first`;
  logger.warn(`The report lacks ${images} "${first.image}" of "${first.dataset}": ${first.noThumbnail!}`);
}

/**
 * The sections of plugins. One that throws, or returns anything but blocks, is left out with a warning. Each gets a
 * copy of the run, so a plugin that sorts scores in place changes no results.
 */
export async function pluginSections(
  definitions: readonly ReportSectionDefinition[],
  { results, thresholds }: Evaluation,
  sources: ReportSources,
): Promise<ReportData['sections']> {
  const { experiment, scores, classes } = sources;
  const sets = [...experiment.id, ...experiment.ood].map((name) => [name, scores.get(name)!] as const);
  const scored = sets.map(([name, { images, predicted, scores: byDetector }]) => {
    return [name, { images: images.map(({ id }) => id), predicted, scores: byDetector }] as const;
  });
  const run = { results, thresholds, id: experiment.id, sets: new Map(scored), ...(classes && { classes }) };
  const sections = await Promise.all(
    definitions.map(({ name, title, blocks }) =>
      unlessItFails(
        `the section "${name}"`,
        async () => [{ title, blocks: checkedBlocks(await blocks(structuredClone(run))) }],
        sources,
      ),
    ),
  );
  return sections.flat().filter(({ blocks }) => blocks.length > 0);
}
