// A process for until-signal.test.ts: works until it is stopped, then takes as long to end as its first word says, in ms.
import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import { untilSignal } from '../src/until-signal.ts';

const ending = Number(process.argv[2]);

async function work(signal: AbortSignal): Promise<number> {
  if (ending === 0) return 7;
  const alive = setInterval(() => undefined, 1000);
  process.stderr.write('working\n');
  await once(signal, 'abort');
  await setTimeout(ending);
  clearInterval(alive);
  process.stdout.write('in order\n');
  return 0;
}

process.exitCode = await untilSignal(work, () => process.stderr.write('stopping\n'));
