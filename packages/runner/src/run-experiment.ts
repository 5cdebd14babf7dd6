import { realpath } from 'node:fs/promises';
import { createRunContainer, resolveServices, type Services } from './container.ts';
import { evaluate } from './evaluate/evaluate.ts';
import type { Experiment } from './experiment.ts';
import { extract, extractionKey } from './extraction/extract.ts';
import type { Fitting } from './fit/fit-detector.ts';
import { fit } from './fit/fit.ts';
import { LearntStore } from './fit/learnt-store.ts';
import { Interrupted } from './interrupted.ts';
import { collectResults } from './output/collect-results.ts';
import { fittedArrays } from './output/fitted-arrays.ts';
import { json } from './output/json.ts';
import { renderedFiles } from './output/rendered-files.ts';
import { scoresCsv } from './output/scores-csv.ts';
import { checkReplaceable, formerExperiment, reportDataFile, resultsFile, writeRun } from './output/write-run.ts';
import { compareOutput } from './prepare/compare-output.ts';
import { openBackbone } from './prepare/open-backbone.ts';
import { openDatasets } from './prepare/open-datasets.ts';
import { collectReportData } from './report-data/collect-report-data.ts';
import type { FinishedRun, RunOptions } from './run-options.ts';
import { score } from './score/score.ts';
import { Stopwatch } from './stopwatch.ts';
import { Entries } from './store/entries.ts';
import { storeFolder } from './store/local-folder.ts';

/**
 * Runs an experiment: extract → fit → score → evaluate → write. Forward only; each stage goes on from what the former
 * left in the store, so that a run which was stopped at any moment does not begin anew.
 *
 * @throws Interrupted when the signal stopped it; FaroutError for everything that is wrong with the request or the
 *   machine. A detector that fails does not throw: it is named in the results.
 */
export async function runExperiment(experiment: Experiment, options: RunOptions): Promise<FinishedRun> {
  const signal = options.signal ?? new AbortController().signal;
  const container = await createRunContainer(experiment, options, storeFolder(experiment));
  try {
    return await runStages(experiment, options, resolveServices(container), signal);
  } catch (error) {
    throw signal.aborted ? new Interrupted() : error;
  } finally {
    await container.dispose();
  }
}

async function runStages(
  experiment: Experiment,
  { out: asked, reporters, onStage }: RunOptions,
  services: Services,
  signal: AbortSignal,
): Promise<FinishedRun> {
  // Of a link the folder it leads to is replaced.
  const out = await realpath(asked).catch(() => asked);
  await checkReplaceable(out);
  const watch = new Stopwatch(services.clock, onStage);
  const { backbone, datasets } = await watch.time('open', async () => {
    const opened = { backbone: await openBackbone(experiment), datasets: await openDatasets(experiment) };
    await compareOutput(experiment, opened.backbone, opened.datasets);
    return opened;
  });
  for (const note of backbone.notes) services.logger.warn(note);
  const pass = { experiment, services, signal };
  const graph = { bytes: backbone.graph, hash: backbone.hash };
  const sets = await watch.time('extract', () => extract(datasets, { ...pass, graph }));
  const fitting: Fitting = {
    stages: backbone,
    set: experiment.fit === undefined ? undefined : sets.get(experiment.fit),
    learnt: new LearntStore(new Entries(services)),
    extraction: extractionKey(pass, graph.hash),
    signal,
  };
  const { fitted, failed: unfit } = await watch.time('fit', () => fit(experiment.detectors, fitting));
  const compared = pick(sets, [experiment.id, ...experiment.ood]);
  const { scores, failed: unscored } = await watch.time('score', () =>
    score(fitted, { stages: backbone, sets: compared, datasets, pass }),
  );
  const names = experiment.detectors.map(({ name }) => name);
  const evaluation = await watch.time('evaluate', () =>
    evaluate(names, scores.get(experiment.id)!, pick(scores, experiment.ood), experiment.metrics),
  );
  const data = await watch.time('report', () =>
    collectReportData({ experiment, sets, scores, fitting, fitted, ...services, signal }, evaluation),
  );
  const arrays = fittedArrays(fitted);
  const results = collectResults({
    experiment,
    device: services.device,
    backbone,
    sets,
    scores,
    evaluation,
    fitted: arrays.fitted,
    failed: [...unfit, ...unscored, ...evaluation.failed],
    seconds: watch.seconds,
  });
  const former = await formerExperiment(out);
  if (former !== undefined && former !== results.hashes.experiment) {
    services.logger.warn(
      `This replaces the run of another experiment in ${out}; another name or --out would keep both.`,
    );
  }
  await writeRun(out, [
    { file: resultsFile, content: [`${json(results, 2)}\n`] },
    { file: reportDataFile, content: [`${json(data)}\n`] },
    { file: 'scores.csv', content: scoresCsv(Object.keys(evaluation.thresholds), scores) },
    ...(await renderedFiles(reporters, results, data, services.logger)),
    ...arrays.files,
  ]);
  return { results, out };
}

const pick = <T>(all: ReadonlyMap<string, T>, names: readonly string[]): Map<string, T> =>
  new Map(names.map((name) => [name, all.get(name)!]));
