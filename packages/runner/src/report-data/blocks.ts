import { reportBlockSchema, z, type ReportBlock, type ReportChart } from '@farout/core';
import { rounded } from './curves.ts';

export const blocksSchema = z.array(reportBlockSchema);

/**
 * Checks what a plugin's section returned, and rounds the numbers of its charts to the digits that can be drawn.
 *
 * @throws Error if it is anything but blocks.
 */
export function checkedBlocks(given: unknown): readonly ReportBlock[] {
  const { data, error } = blocksSchema.safeParse(given);
  if (data) return data.map(withFewDigits);
  const kinds = '{ text }, { note }, { heads, rows }, { x, y, lines | bands | histograms } or { charts }';
  throw new Error(`it does not return a list of blocks ${kinds}: ${z.prettifyError(error)}`);
}

function withFewDigits(block: ReportBlock): ReportBlock {
  if ('charts' in block) return { charts: block.charts.map(roundedChart) };
  return 'x' in block ? roundedChart(block) : block;
}

/** Members keep their order, so that what is stored and read again is identical to the byte. */
const roundedChart = (chart: ReportChart): ReportChart => ({
  ...chart,
  ...(chart.lines && { lines: chart.lines.map(roundedSeries) }),
  ...(chart.bands && { bands: chart.bands.map(roundedSeries) }),
  ...(chart.histograms && { histograms: chart.histograms.map(roundedSeries) }),
});

const roundedSeries = <T extends object>(series: T): T =>
  Object.fromEntries(
    Object.entries(series).map(([name, value]: [string, unknown]) => [
      name,
      Array.isArray(value) ? rounded(value as number[]) : value,
    ]),
  ) as T;
