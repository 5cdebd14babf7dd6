// A queue worker that logs what it starts and finishes, one JSON object per line: <address> <queue> <hash> <log>.
import { appendFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { workTasks } from '@farout/bullmq';

const [address = '', queue = '', hash = '', log = ''] = process.argv.slice(2);

// All files of this folder are searched for parts.
if (log !== '') {
  const note = (what: string, task: number) =>
    appendFileSync(log, `${JSON.stringify({ what, worker: process.pid, task })}\n`);
  await workTasks({
    address: new URL(address),
    queue,
    hash,
    async perform({ task }) {
      note('begin', task);
      await setTimeout(50 + (task % 7) * 20);
      note('end', task);
      return { kind: 'done' };
    },
    signal: new AbortController().signal,
    logger: { info: () => undefined, warn: (message) => console.log(`redis: ${message}`) },
    lockDuration: 6000,
  });
}
