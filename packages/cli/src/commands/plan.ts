import { printable } from '@farout/core';
import { inWords, planWork, type DatasetPlan, type WorkPlan } from '@farout/runner';
import { amount } from '../amount.ts';
import { builtIns } from '../built-ins.ts';
import { exitCodes } from '../command.ts';
import { badCommand } from '../errors.ts';
import { userFolder } from '../invocation.ts';
import { displayOn, duration, loggerOn, showsColour } from '../progress.ts';
import { untilSignal } from '../until-signal.ts';

/** Arguments of `farout plan`. */
interface PlanRequest {
  readonly experiment: string;
  readonly tasks?: number | undefined;
  readonly list: boolean;
  readonly set: string[];
  readonly json: boolean;
}

/** `farout plan`: what the tasks of an experiment would read, and how much of it is done. */
export async function plan({ experiment, tasks, list, set, json }: PlanRequest): Promise<number> {
  if (tasks !== undefined && !(Number.isSafeInteger(tasks) && tasks > 0))
    throw badCommand(`--tasks is ${tasks}`, undefined, 'Give a whole number above 0, such as 64.');
  const display = displayOn(process.stderr);
  const shown = { logger: loggerOn(display, showsColour(process.stderr)), progress: display };
  const planned = await untilSignal(
    (signal) => planWork(experiment, { builtIns, tasks, list, set, cwd: userFolder(), signal, ...shown }),
    () => display.print('Stopping.'),
  );
  process.stdout.write(json ? `${JSON.stringify(planned)}\n` : textOf(planned));
  return exitCodes.done;
}

function textOf({ datasets, readings, stretches, missing, images, imagesMissing, cost, speed }: WorkPlan): string {
  const all = `${amount(images, 'image')} in ${amount(stretches, 'shard')}, ${amount(readings.length, 'reading')} of each image`;
  const done =
    missing === 0 ? 'all done' : `${amount(missing, 'shard')} missing, with ${amount(imagesMissing, 'image')}`;
  return [
    `${all}: ${done}`,
    ...datasets.map(line),
    `The store keeps ${inWords(cost)}.`,
    ...(speed && missing > 0 ? [time(speed)] : []),
    '',
  ].join('\n');
}

function line({ name, images, readings, stretches, missing, listed }: DatasetPlan): string {
  const list = listed === undefined ? '' : listed ? ', listed in the store' : ', listed by each task';
  const state = `${stretches - missing} of ${amount(stretches, 'shard')} done`;
  return `  ${printable(name)}: ${amount(images, 'image')}, ${amount(readings, 'reading')}, ${state}${list}`;
}

const time = ({ imagesPerSecondOfTask: speed, tasks, seconds }: NonNullable<WorkPlan['speed']>) =>
  `About ${duration(seconds)} with ${amount(tasks, 'task')} at the speed of the last ones, ${speed.toFixed(1)} images/s each.`;
