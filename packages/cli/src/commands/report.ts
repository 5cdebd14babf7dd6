import { lstat } from 'node:fs/promises';
import path from 'node:path';
import { printable, runFiles } from '@farout/core';
import { htmlReporter, readReportData, readResults } from '@farout/report';
import { completeReport, openRun, rewritePages } from '@farout/runner';
import { builtIns } from '../built-ins.ts';
import { exitCodes } from '../command.ts';
import { userFolder } from '../invocation.ts';
import { catalogueWith } from '../parts.ts';
import { displayOn, loggerOn, showsColour } from '../progress.ts';
import { untilSignal } from '../until-signal.ts';

/** Arguments of `farout report`. */
interface ReportRequest {
  readonly run: string;
  readonly open: boolean;
  readonly full: boolean;
  readonly plugin: readonly string[];
}

/**
 * `farout report`: regenerates everything that is made from a run's results, using what the run left on disk. If the
 * run has no report, its data is first computed from the store, with the plugins of its experiment. Otherwise no code
 * runs except that of plugins named on the command line: a run folder may come from anyone.
 */
export async function report({ run: given, open, full, plugin }: ReportRequest): Promise<number> {
  const folder = path.resolve(userFolder(), given);
  await readResults(folder);
  const { reporters } = await catalogueWith(plugin);
  const run = await openRun(folder, reporters);
  // Opening may have restored the former run, if a process was killed while replacing it.
  const results = await readResults(folder);
  const data = (await isThere(path.join(folder, runFiles.reportData))) ? await readReportData(folder) : undefined;
  const display = displayOn(process.stderr);
  const logger = loggerOn(display, showsColour(process.stderr));
  const complete = (signal: AbortSignal) => completeReport(run, { builtIns, full, signal, logger, progress: display });
  const stopping = () => display.print('Stopping: finished work is kept, and the same command continues from there.');
  const isComplete = data && !data.unfinished;
  if (isComplete) await rewritePages(run, reporters, { results, data, full }, logger);
  const files = isComplete ? reporters.map(({ file }) => file) : await untilSignal(complete, stopping);
  process.stdout.write(files.map((file) => `${printable(path.join(given, file))}\n`).join(''));
  if (open) await openReport(folder);
  return exitCodes.done;
}

const isThere = (file: string) =>
  lstat(file).then(
    () => true,
    () => false,
  );

/** Opens the report of a run in the user's browser, without waiting for it. */
export async function openReport(folder: string): Promise<void> {
  const { default: open } = await import('open');
  const browser = await open(path.join(folder, htmlReporter.file));
  browser.once('error', ({ message }) => process.stderr.write(`Could not open a browser: ${printable(message)}\n`));
}
