import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { attacks, full } from '../../packages/serve/tests/attacks.ts';
import { ask } from '../../packages/serve/tests/requests.ts';
import { familyOf, residentMegabytes, watchMemory } from '../process-memory.ts';
import { detectorIn, startService } from './serve.ts';

/** The result of an attack. */
export interface Attacked {
  readonly name: string;
  /** The statuses, and how often each was returned. */
  readonly answers: string;
  /** Whether these match docs/serve.md. */
  readonly isDocumented: boolean;
  /** The peak sum of the resident sets of all processes; shared pages count once per process. */
  readonly megabytes: number;
  /** Whether the service reports being alive one second later. */
  readonly isHealthy: boolean;
}

/** Attacks `farout serve` at full scale, which the tests only do in small. */
export async function* attacked(data: string): AsyncGenerator<Attacked> {
  const folder = await mkdtemp(path.join(tmpdir(), 'farout-attacked-'));
  const model = await detectorIn(data, folder);
  const { child, port } = await startService(model);
  const pid = child.pid!;
  const workers = () =>
    familyOf(pid)
      .map(Number)
      .filter((each) => each !== pid);
  try {
    for (const { name, allowed, run } of attacks) {
      const peak = watchMemory(pid);
      const statuses = await run({ port, model: path.parse(model).name, workers }, full);
      const megabytes = Math.max(peak(), residentMegabytes(pid));
      await wait(1_000);
      const health = await ask(port, { method: 'GET', path: '/healthz' }).catch(() => undefined);
      const isDocumented = statuses.every((status) => allowed.includes(status));
      yield { name, answers: counted(statuses), isDocumented, megabytes, isHealthy: health?.status === 200 };
    }
  } finally {
    child.kill('SIGTERM');
    await rm(folder, { recursive: true });
  }
}

function counted(statuses: readonly number[]): string {
  const counts = new Map<number, number>();
  for (const status of statuses) counts.set(status, (counts.get(status) ?? 0) + 1);
  return [...counts].map(([status, count]) => `${count} × ${status === 0 ? 'closed' : status}`).join(', ');
}
