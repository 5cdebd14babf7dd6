import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { farout } from '../farout-process.ts';
import { inTurns, ratios, spreadOf, type Spread } from './turns.ts';

const turns = 4;

/**
 * The speed of two tasks with one core each that fill a store, relative to one run with two cores on the same photographs: from the start of the
 * processes to the end of the last. The run also scores one detector, which takes a moment.
 */
export async function workSpeed(data: string, network: string): Promise<Spread> {
  const folder = await mkdtemp(path.join(tmpdir(), 'farout-bench-work-'));
  const measured = async (start: (words: readonly string[]) => Promise<unknown>) => {
    const store = path.join(folder, 'store');
    await rm(store, { recursive: true, force: true });
    const begun = performance.now();
    await start([
      `configs/photographs-${network}.yaml`,
      '--set',
      `store=${store}`,
      '--set',
      'detectors={Energy: energy}',
    ]);
    return performance.now() - begun;
  };
  const process = async (words: readonly string[]) => {
    const { code, stderr } = await farout(words, { env: { FAROUT_DATA: data } });
    if (code !== 0) throw new Error(`farout ${words.join(' ')} failed: ${stderr}`);
  };
  const out = ['--no-report', '--out', path.join(folder, 'run')];
  try {
    const { tasks, run } = await inTurns(
      {
        tasks: () =>
          measured((words) =>
            Promise.all(['0/2', '1/2'].map((task) => process(['work', ...words, '--task', task, '--cores', '1']))),
          ),
        run: () => measured((words) => process(['run', ...words, '--cores', '2', ...out])),
      },
      turns,
    );
    return spreadOf(ratios(run, tasks));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
