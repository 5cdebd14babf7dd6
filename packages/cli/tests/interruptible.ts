// A process for until-signal.test.ts: works until it is stopped. Its first word says how the work ends then (`at once`,
// `never`, `at the second signal`; `unasked` needs no signal at all), its second one how many milliseconds lie between two
// looks at the clock: the clock is its own, so that a busy machine makes no difference.
import { once } from 'node:events';
import { untilSignal } from '../src/until-signal.ts';

const [ending, between] = process.argv.slice(2);
let now = 0;
Date.now = () => (now += Number(between));

async function work(signal: AbortSignal): Promise<number> {
  if (ending === 'unasked') return 7;
  const alive = setInterval(() => undefined, 1000);
  process.stderr.write('working\n');
  await once(signal, 'abort');
  if (ending === 'never') await new Promise(() => undefined);
  if (ending === 'at the second signal') await once(process, 'SIGINT');
  clearInterval(alive);
  process.stdout.write('in order\n');
  return 0;
}

process.exitCode = await untilSignal(work, () => process.stderr.write('stopping\n'));
