import { reportBlockSchema, z, type ReportData, type ReportSectionDefinition } from '@farout/core';
import type { Evaluation } from '../evaluate/evaluate.ts';
import { unlessItFails } from './unless-it-fails.ts';
import type { ReportSources } from './report-sources.ts';

const blocksSchema = z.array(reportBlockSchema);

/**
 * What the sections of plugins have to show; one that throws, or gives something else than blocks, costs a warning. Each
 * sees a copy of the run: a plugin that sorts scores in place changes no result.
 */
export async function pluginSections(
  definitions: readonly ReportSectionDefinition[],
  { results, thresholds }: Evaluation,
  sources: ReportSources,
): Promise<ReportData['sections']> {
  const { experiment, scores } = sources;
  const sets = [experiment.id, ...experiment.ood].map((name) => [name, scores.get(name)!] as const);
  const scored = sets.map(([name, { images, predicted, scores: byDetector }]) => {
    return [name, { images: images.map(({ id }) => id), predicted, scores: byDetector }] as const;
  });
  const run = { results, thresholds, id: experiment.id, sets: new Map(scored) };
  const sections = await Promise.all(
    definitions.map(({ name, title, blocks }) =>
      unlessItFails(
        `the section "${name}"`,
        async () => [{ title, blocks: checked(await blocks(structuredClone(run))) }],
        sources,
      ),
    ),
  );
  return sections.flat().filter(({ blocks }) => blocks.length > 0);
}

function checked(blocks: unknown): z.output<typeof blocksSchema> {
  const { data, error } = blocksSchema.safeParse(blocks);
  if (data) return data;
  throw new Error(`it gives no list of blocks { text }, { heads, rows } or { x, y, lines }: ${z.prettifyError(error)}`);
}
