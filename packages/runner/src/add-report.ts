import type { Logger, ReportData, Reporter, RunResults } from '@farout/core';
import { json } from './output/manifest.ts';
import type { RunFile } from './output/replace-files.ts';
import { reportDataFile, writePages, type WrittenRun } from './output/run-folder.ts';
import { collectReportData } from './report-data/collect-report-data.ts';
import type { ReportSources } from './report-data/sources.ts';
import type { Stopwatch } from './run-options.ts';
import type { Evaluation } from './score/evaluate.ts';

/** How a report is made. */
interface ReportOptions {
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

/** What reporters make of a run. One that fails costs a warning and its file: the results are written all the same. */
async function renderedFiles(
  reporters: readonly Reporter[],
  results: RunResults,
  data: ReportData,
  { warn }: Logger,
): Promise<RunFile[]> {
  const files = await Promise.all(
    reporters.map(async ({ file, render }): Promise<RunFile[]> => {
      try {
        return [{ file, content: [await render(results, data)] }];
      } catch (error) {
        warn(`The run lacks ${file}: ${error instanceof Error ? error.message : String(error)}`);
        return [];
      }
    }),
  );
  return files.flat();
}
