import path from 'node:path';
import { htmlReporter, reporters, terminalTable } from '@oodkit/report';
import { loadExperiment, runExperiment } from '@oodkit/runner';
import { builtIns } from '../built-ins.ts';
import { exitCodes } from '../exit-codes.ts';
import { openReport } from '../open-report.ts';
import { displayOn } from '../progress/display-on.ts';
import { loggerOn } from '../progress/logger-on.ts';
import { runFolder } from '../run-folder.ts';
import { showsColour } from '../shows-colour.ts';
import { untilSignal } from '../until-signal.ts';
import { userFolder } from '../user-folder.ts';

/** What the command line gives to `oodkit run`. */
export interface RunRequest {
  readonly experiment: string;
  readonly set: string[];
  readonly out?: string | undefined;
  readonly open: boolean;
}

const stopping =
  'Stopping: what is done is kept, and the same command goes on from there. Once more, and it stops at once.';

/** `oodkit run`: prints the tables and where the run folder is. */
export async function run({ experiment: file, set, out, open }: RunRequest): Promise<number> {
  const cwd = userFolder();
  const experiment = await loadExperiment({ file, set, cwd, env: process.env, builtIns });
  const display = displayOn(process.stderr);
  const options = {
    out: runFolder(cwd, experiment.name, out),
    logger: loggerOn(display, showsColour(process.stderr)),
    progress: display,
    reporters,
  };
  const finished = await untilSignal(
    (signal) => runExperiment(experiment, { ...options, signal }),
    () => display.print(stopping),
  );
  const terminal = { colour: showsColour(process.stdout), width: process.stdout.columns || 100 };
  process.stdout.write(
    `${terminalTable(finished.results, terminal)}\nRun folder: ${shownPath(cwd, finished.out)}\nReport: ${shownPath(cwd, path.join(finished.out, htmlReporter.file))}\n`,
  );
  if (open) await openReport(finished.out);
  return finished.results.failed.length > 0 ? exitCodes.failed : exitCodes.done;
}

/** Relative where that is the shorter way to say it. */
function shownPath(from: string, folder: string): string {
  const relative = path.relative(from, folder);
  return relative.startsWith('..') ? folder : relative;
}
