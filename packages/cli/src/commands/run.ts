import path from 'node:path';
import { printable } from '@farout/core';
import { htmlReporter, terminalTable } from '@farout/report';
import type { FinishedRun } from '@farout/runner';
import { exitCodes } from '../command.ts';
import { badCommand } from '../errors.ts';
import { printEvent } from '../events.ts';
import { invocation, userFolder } from '../invocation.ts';
import { coresGiven, userPath } from '../option-values.ts';
import { displayOn, loggerOn, showsColour, silentDisplay } from '../progress.ts';
import { asking, namingWhatToPull, pullFor } from '../pulling.ts';
import { run as runExperiment } from '../run.ts';
import { untilSignal } from '../until-signal.ts';
import { openReport } from './report.ts';

/** Arguments of `farout run`. */
interface RunRequest {
  readonly experiment: string;
  readonly set: string[];
  readonly out?: string | undefined;
  readonly open: boolean;
  readonly pull: boolean;
  readonly offline: boolean;
  readonly 'no-report': boolean;
  readonly costs: boolean;
  readonly cores?: number | undefined;
  readonly quiet: boolean;
  readonly json: boolean;
}

const stopping =
  'Stopping: finished work is kept, and the same command continues from there. Interrupt again to stop at once.';

/** `farout run`: prints the tables and the location of the run folder, or the run's events as JSON. */
export async function run(request: RunRequest): Promise<number> {
  const { experiment, set, out, open, costs, quiet, json, 'no-report': noReport } = request;
  const report = !noReport;
  if (open && !report) throw badCommand('--open needs the report, which --no-report omits');
  const cwd = userFolder();
  const display = quiet ? silentDisplay : displayOn(process.stderr);
  const shown = { logger: loggerOn(display, showsColour(process.stderr)), progress: display };
  const finished = await untilSignal(
    (signal) =>
      asking(request, async () => {
        if (request.pull) await pullFor([experiment], { set, signal, ...shown });
        return namingWhatToPull(experiment, set, () =>
          runExperiment(experiment, {
            set,
            out: out === undefined ? undefined : userPath('out', out),
            cwd,
            signal,
            report,
            costs,
            cores: coresGiven(request.cores),
            ...shown,
            ...(json && { onEvent: printEvent }),
          }),
        );
      }),
    () => {
      display.print(stopping);
      if (json) printEvent({ event: 'stopping' });
    },
  );
  if (!json) process.stdout.write(tables(finished, cwd, report));
  if (open) await openReport(finished.out);
  return finished.results.failed.length > 0 ? exitCodes.failed : exitCodes.done;
}

function tables({ results, out }: FinishedRun, cwd: string, withReport: boolean): string {
  const terminal = { colour: showsColour(process.stdout), width: process.stdout.columns || 100 };
  const report = path.join(out, htmlReporter.file);
  const [folder, page] = [printable(shownPath(cwd, out)), printable(shownPath(cwd, report))];
  const shown = withReport ? `Report: ${page}` : `No report; to create it: ${invocation} report ${folder}`;
  return `${terminalTable(results, terminal)}\nRun folder: ${folder}\n${shown}\n`;
}

/** Relative if that is shorter. */
function shownPath(from: string, folder: string): string {
  const relative = path.relative(from, folder);
  return relative.startsWith('..') ? folder : relative;
}
