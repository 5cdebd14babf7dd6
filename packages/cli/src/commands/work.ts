import { loadExperiment, work as workOn, type WaveName } from '@farout/runner';
import { amount } from '../amount.ts';
import { builtIns } from '../built-ins.ts';
import { exitCodes } from '../command.ts';
import { badCommand } from '../errors.ts';
import { userFolder } from '../invocation.ts';
import { coresGiven, parseTask } from '../option-values.ts';
import { displayOn, loggerOn, showsColour, silentDisplay } from '../progress.ts';
import { workFromQueue } from '../queue.ts';
import { untilSignal } from '../until-signal.ts';

/** Arguments of `farout work`. */
interface WorkRequest {
  readonly experiment: string;
  readonly task?: string | undefined;
  readonly wave: string;
  readonly from?: string | undefined;
  readonly cores?: number | undefined;
  readonly set: string[];
  readonly quiet: boolean;
}

const stopping =
  'Stopping: finished work is kept, and the same task continues from there. Interrupt again to stop at once.';

/** `farout work`: does one task of an experiment, and prints its outcome. */
export async function work({ experiment, set, quiet, ...given }: WorkRequest): Promise<number> {
  if (given.from !== undefined) return workOnQueue({ experiment, set, quiet, ...given }, given.from);
  const display = quiet ? silentDisplay : displayOn(process.stderr);
  const [task, cores, wave] = [parseTask(given.task ?? '0/1'), coresGiven(given.cores), given.wave as WaveName];
  const shown = { logger: loggerOn(display, showsColour(process.stderr)), progress: display };
  const { read, left } = await untilSignal(
    (signal) => workOn(experiment, { builtIns, task, wave, cores, set, cwd: userFolder(), signal, ...shown }),
    () => display.print(stopping),
  );
  const out = left === 0 ? '' : `, ${amount(left, 'image')} left out`;
  process.stdout.write(
    `Task ${task.index}/${task.of} of the wave "${wave}" is done: ${amount(read, 'image')} read${out}.\n`,
  );
  return exitCodes.done;
}

/** `farout work --from`: does tasks of a queue until all are done. */
async function workOnQueue({ experiment: file, set, cores, quiet, task }: WorkRequest, from: string): Promise<number> {
  if (task !== undefined) throw badCommand('--task and --from cannot be used together: the queue chooses the task');
  const display = quiet ? silentDisplay : displayOn(process.stderr);
  const logger = loggerOn(display, showsColour(process.stderr));
  const experiment = await loadExperiment({ file, set, cwd: userFolder(), env: process.env, builtIns });
  const words = [
    experiment.file,
    ...set.flatMap((each) => ['--set', each]),
    ...(cores === undefined ? [] : ['--cores', String(coresGiven(cores))]),
    ...(quiet ? ['--quiet'] : []),
  ];
  await untilSignal(
    (signal) => workFromQueue({ from, experiment, words, signal, logger }),
    () => display.print(stopping),
  );
  process.stdout.write('All tasks in the queue are done.\n');
  return exitCodes.done;
}
