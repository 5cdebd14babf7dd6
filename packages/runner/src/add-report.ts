import type { Reporter, RunResults } from '@farout/core';
import type { Evaluation } from './evaluate/evaluate.ts';
import { json } from './output/json.ts';
import { renderedFiles } from './output/rendered-files.ts';
import { reportDataFile, writePages, type WrittenRun } from './output/run-folder.ts';
import { collectReportData } from './report-data/collect-report-data.ts';
import type { ReportSources } from './report-data/report-sources.ts';
import type { Stopwatch } from './stopwatch.ts';

/** How a report is made. */
export interface ReportOptions {
  readonly reporters: readonly Reporter[];
  readonly watch: Stopwatch;
  /** Milliseconds that sweeps may take in all; as long as they need when absent. */
  readonly sweepTime?: number;
}

/**
 * Adds the report to a run whose results are written: what it is drawn from, and what reporters make of that.
 *
 * @returns the results as results.json then holds them.
 * @throws FaroutError OOD_STORE_FAILED, OOD_OUTPUT_FAILED; what the signal says. The results stay.
 */
export async function addReport(
  run: WrittenRun,
  sources: ReportSources & { readonly evaluation: Evaluation },
  { reporters, watch, sweepTime = Infinity }: ReportOptions,
): Promise<RunResults> {
  const { evaluation, logger } = sources;
  const data = await watch.time('report', () => collectReportData(sources, evaluation, sweepTime));
  const results = { ...run.results, seconds: { ...run.results.seconds, report: watch.seconds.report! } };
  const pages = await renderedFiles(reporters, results, data, logger);
  const whole = await writePages(run, results, [{ file: reportDataFile, content: [`${json(data)}\n`] }, ...pages]);
  if (whole) return whole.results;
  logger.warn(
    `Another run was written into ${run.folder} in the meantime; its report stays, and this one's is left out.`,
  );
  return run.results;
}
