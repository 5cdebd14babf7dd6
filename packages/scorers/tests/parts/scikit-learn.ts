import { spawnSync } from 'node:child_process';
import { it } from '@jest/globals';
import type { ScorerCase } from '@farout/testing';
import { generator } from './fitted.ts';

const python = process.env.FAROUT_PYTHON ?? 'python3';

/** Distances of directions to their k-th nearest, in float64. */
const program = `
import json, sys
import numpy as np
from sklearn.neighbors import NearestNeighbors
given = json.load(sys.stdin)
unit = lambda rows: np.array(rows, dtype=np.float32).astype(float) / np.linalg.norm(np.array(rows, dtype=np.float32).astype(float), axis=1, keepdims=True)
search = NearestNeighbors(n_neighbors=given["k"], algorithm="kd_tree").fit(unit(given["bank"]))
print(json.dumps((search.kneighbors(unit(given["rows"]))[0][:, -1] ** 2).tolist()))
`;

/** Random rows in a bank of several blocks, and the distances that scikit-learn finds; skipped where Python has it not. */
export function scikitLearnCases(): ScorerCase[] {
  const title = 'the k-th nearest of 5,000 rows is that of scikit-learn';
  const [bank, rows] = [randomRows(5000, 9, 1), randomRows(30, 9, 2)];
  const k = 20;
  const { status, stdout } = spawnSync(python, ['-c', program], { input: JSON.stringify({ bank, rows, k }) });
  if (status === 0) {
    const squares = JSON.parse(stdout.toString()) as number[];
    return [
      { title, params: { k }, fit: { features: bank }, features: rows, scores: squares.map((square) => -square) },
    ];
  }
  it.skip(`${title} (needs scikit-learn in the Python of FAROUT_PYTHON, else in python3)`, () => undefined);
  return [];
}

/** Numbers in 0..1, the same for the same seed. */
export function randomRows(count: number, width: number, seed: number): number[][] {
  const draw = generator(seed);
  return Array.from({ length: count }, () => Array.from({ length: width }, draw));
}
