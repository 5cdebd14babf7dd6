import { lstat } from 'node:fs/promises';
import path from 'node:path';
import { printable } from '@farout/core';
import { fullReporters, htmlReporter, readReportData, readResults, reporters } from '@farout/report';
import { completeReport, openRun, rewritePages } from '@farout/runner';
import open from 'open';
import { builtIns } from '../built-ins.ts';
import { exitCodes } from '../command.ts';
import { userFolder } from '../invocation.ts';
import { displayOn, loggerOn, showsColour } from '../progress.ts';
import { untilSignal } from '../until-signal.ts';

/** What the command line gives to `farout report`. */
interface ReportRequest {
  readonly run: string;
  readonly open: boolean;
  readonly full: boolean;
}

/**
 * `farout report`: makes what is made from the results again, from what the run left on disk. What the report of a run without
 * one is drawn from is computed first, from the store.
 */
export async function report({ run: given, open, full }: ReportRequest): Promise<number> {
  const folder = path.resolve(userFolder(), given);
  const shownBy = full ? fullReporters : reporters;
  await readResults(folder);
  const run = await openRun(folder, shownBy);
  // Putting back what a killed process was replacing may have made another run of it.
  const results = await readResults(folder);
  const data = (await isThere(path.join(folder, 'report-data.json'))) ? await readReportData(folder) : undefined;
  if (data && !data.unfinished) {
    const files = shownBy.map(async ({ file, render }) => ({ file, content: [await render(results, data)] }));
    await rewritePages(run, await Promise.all(files));
  } else {
    const display = displayOn(process.stderr);
    const shown = { logger: loggerOn(display, showsColour(process.stderr)), progress: display };
    const stopping = () => display.print('Stopping: what is done is kept, and the same command goes on from there.');
    await untilSignal((signal) => completeReport(run, { builtIns, reporters: shownBy, signal, ...shown }), stopping);
  }
  process.stdout.write(shownBy.map(({ file }) => `${printable(path.join(given, file))}\n`).join(''));
  if (open) await openReport(folder);
  return exitCodes.done;
}

const isThere = (file: string) =>
  lstat(file).then(
    () => true,
    () => false,
  );

/** Opens the report of a run in the user's browser and goes on without it. */
export async function openReport(folder: string): Promise<void> {
  const browser = await open(path.join(folder, htmlReporter.file));
  browser.once('error', ({ message }) => process.stderr.write(`No browser could be opened: ${printable(message)}\n`));
}
