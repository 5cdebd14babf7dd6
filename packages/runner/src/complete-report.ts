import path from 'node:path';
import { FaroutError, type Reporter, type RunResults } from '@farout/core';
import { addReport } from './add-report.ts';
import { loadExperiment } from './config/load.ts';
import { json, resultsFile } from './output/manifest.ts';
import type { RunFile } from './output/replace-files.ts';
import { openRunFolder, reportDataFile, writePages, type WrittenRun } from './output/run-folder.ts';
import type { BuiltIn } from './plugins/load.ts';
import type { RunOptions } from './run-options.ts';
import { findResults, withServices } from './run-experiment.ts';

/**
 * A finished run whose report is to be made: nothing else has the name of one of its pages, and the folder can be written.
 *
 * @throws FaroutError OOD_OUTPUT_FAILED, also for a run of an older farout; OOD_RUN_UNREADABLE when there is no run.
 */
export async function openRun(folder: string, reporters: readonly Reporter[]): Promise<WrittenRun> {
  const opened = await openRunFolder(folder, [reportDataFile, ...reporters.map(({ file }) => file)], folder);
  if (opened.former) return { folder: opened.folder, ...opened.former };
  throw new FaroutError('OOD_RUN_UNREADABLE', `${folder} is no run folder: there is no ${resultsFile} in it`, {
    fix: 'Name the folder of a finished run, such as runs/demo.',
  });
}

/**
 * Writes pages of a finished run, in the place of those of the same name.
 *
 * @throws FaroutError OOD_OUTPUT_FAILED; the run is then as it was.
 */
export async function rewritePages(run: WrittenRun, files: readonly RunFile[]): Promise<void> {
  if (!(await writePages(run, run.results, files))) throw replacedMeanwhile(run);
}

/**
 * Computes what the report of a finished run is drawn from, and makes the report: from the store, by the experiment that
 * results.json holds. For a run without a report, or one whose sweeps were cut short.
 *
 * @throws FaroutError OOD_RUN_UNREADABLE when the experiment comes to other results by now; what `runExperiment` throws.
 */
export async function completeReport(
  run: WrittenRun,
  { builtIns, ...options }: Omit<RunOptions, 'out'> & { readonly builtIns: readonly BuiltIn[] },
): Promise<void> {
  const { folder, results: saved } = run;
  const file = path.join(folder, resultsFile);
  const text = JSON.stringify(saved.experiment);
  const experiment = await loadExperiment({ file, text, set: [], cwd: folder, env: {}, builtIns });
  await withServices(experiment, options, async (services, watch, signal) => {
    const { results, sources } = await findResults(experiment, services, watch, signal);
    if (compared(results) !== compared(saved)) throw changed(folder);
    await addReport(run, sources, { reporters: options.reporters, watch });
  });
}

/** What must come out again. */
const compared = ({ hashes: { backbone, head }, datasets, thresholds, results }: RunResults) =>
  json({
    hashes: { backbone, head },
    fingerprints: Object.entries(datasets).map(([name, { fingerprint }]) => [name, fingerprint]),
    thresholds,
    results,
  });

const changed = (folder: string) =>
  new FaroutError('OOD_RUN_UNREADABLE', `the experiment of ${folder} comes to other results than are written there`, {
    fix: 'Its images, weights or plugins have changed since, or farout has: run the experiment again.',
  });

const replacedMeanwhile = ({ folder }: WrittenRun) =>
  new FaroutError('OOD_OUTPUT_FAILED', `another run was written into ${folder} in the meantime`, {
    fix: 'Make its report again.',
  });
