import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { ScaleData } from './scale-data.ts';
import type { Spent } from './turns.ts';

/** The Python interpreter that may have PyTorch. */
export const python = process.env.FAROUT_PYTHON ?? 'python3';

/** A Python process with the synthetic features, which sleeps between its turns. */
export interface Peer {
  /** Runs a task of scale.py and returns its time. */
  readonly work: (...words: readonly (string | number)[]) => Promise<Spent>;
  readonly close: () => void;
}

/** Starts PyTorch and LAPACK on these files. */
export function openPeer({ fit, test, labels }: ScaleData): Peer {
  const script = fileURLToPath(new URL('scale.py', import.meta.url));
  const child = spawn(python, [script, fit, test, labels], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  return {
    work: async (...words) => {
      child.stdin.write(`${words.join(' ')}\n`);
      const line: IteratorResult<string, unknown> = await lines.next();
      if (line.done) throw new Error(`${python} ${script} ended early`);
      const [clock, cpu] = line.value.split(' ').map(Number) as [number, number];
      return { clock, cpu };
    },
    close: () => child.stdin.end(),
  };
}
