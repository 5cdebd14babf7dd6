import { printable } from '@farout/core';
import { workStatus, type TaskStatus, type WaveStatus } from '@farout/runner';
import { amount } from '../amount.ts';
import { builtIns } from '../built-ins.ts';
import { exitCodes } from '../command.ts';
import { invocation, userFolder } from '../invocation.ts';
import { duration } from '../progress.ts';

/** Arguments of `farout status`. */
interface StatusRequest {
  readonly experiment: string;
  readonly set: string[];
  readonly json: boolean;
}

/** `farout status`: the progress of an experiment's tasks, according to its store. */
export async function status({ experiment, set, json }: StatusRequest): Promise<number> {
  const found = await workStatus(experiment, { builtIns, set, cwd: userFolder() });
  const none = `No task has started. To start the first: ${invocation} work ${printable(experiment)} --task 0/1\n`;
  const text = found.length === 0 ? none : found.map(wave).join('\n');
  process.stdout.write(json ? `${JSON.stringify({ waves: found })}\n` : text);
  return exitCodes.done;
}

function wave({
  wave: name,
  stretches,
  done,
  images,
  failed,
  imagesPerSecond,
  secondsLeft,
  tasks,
}: WaveStatus): string {
  const pace =
    secondsLeft === undefined ? '' : `, ${imagesPerSecond.toFixed(1)} images/s, ${duration(secondsLeft)} left`;
  const wrong = failed === 0 ? '' : `, ${failed} of the tasks failed`;
  const head = `${name}: ${done} of ${amount(stretches, 'shard')} started (${amount(images, 'image')} in total)${pace}${wrong}`;
  return [head, ...tasks.map(line), ''].join('\n');
}

function line({ task, state, stretches, done, images, left, imagesPerSecond, host, heard }: TaskStatus): string {
  const columns = [
    `  ${String(task).padStart(5)}  ${state.padEnd(8)} ${`${done}/${stretches}`.padStart(11)} shards`,
    ...(host === undefined ? [] : [amount(images, 'image')]),
    ...(imagesPerSecond === undefined ? [] : [`${imagesPerSecond.toFixed(1)}/s`]),
    ...(left === 0 ? [] : [`${left} left out`]),
    ...(host === undefined ? [] : [printable(host)]),
    ...(state === 'working' && heard !== undefined ? [`heard of ${duration(Math.max(0, heard))} ago`] : []),
  ];
  return columns.join('  ');
}
