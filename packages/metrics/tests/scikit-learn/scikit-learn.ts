import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** What scikit-learn says of two sets, by our names, and how long the first three of its metrics took. */
export interface ScikitLearnAnswer {
  readonly values: Readonly<Record<string, number>>;
  readonly milliseconds: number;
}

/** A running Python with scikit-learn. */
export interface ScikitLearn {
  readonly measure: (idScores: Float32Array, oodScores: Float32Array) => Promise<ScikitLearnAnswer>;
  readonly close: () => void;
}

const python = process.env.FAROUT_PYTHON ?? 'python3';

/** Whether the Python of FAROUT_PYTHON, else python3, has scikit-learn. */
export const hasScikitLearn = () => spawnSync(python, ['-c', 'import sklearn.metrics']).status === 0;

/** Starts Python; scores are handed over in files, exactly as the float32 they are. */
export function startScikitLearn(): ScikitLearn {
  const folder = mkdtempSync(join(tmpdir(), 'farout-metrics-'));
  const files = [join(folder, 'id'), join(folder, 'ood')] as const;
  const child = spawn(python, [fileURLToPath(new URL('scores.py', import.meta.url))], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    measure: async (idScores, oodScores) => {
      writeFileSync(files[0], idScores);
      writeFileSync(files[1], oodScores);
      child.stdin.write(`${files.join(' ')}\n`);
      const line = await lines.next();
      if (line.done) throw new Error('Python ended without an answer; it says why above');
      return JSON.parse(line.value) as ScikitLearnAnswer;
    },
    close: () => {
      child.stdin.end();
      rmSync(folder, { recursive: true });
    },
  };
}
