import { writeNpy } from '@farout/checkpoints';
import type { FittedValue, Learnt, RunResults } from '@farout/core';
import type { FittedDetector } from '../fit/fitted.ts';
import type { RunFile } from './replace-files.ts';

/** What detectors learnt: scalars for results.json, larger arrays as files of the run folder. */
export function fittedArrays(detectors: readonly FittedDetector[]): { fitted: RunResults['fitted']; files: RunFile[] } {
  const files: RunFile[] = [];
  const fitted = detectors.map((detector, index) => {
    const parts = [...detector.hooks, detector.scorer].filter(({ learnt }) => Object.keys(learnt).length > 0);
    const values = parts.map(({ definition, learnt }) => [
      definition.name,
      valuesOf(learnt, `${index}-${definition.name}`, files),
    ]);
    return [detector.name, Object.fromEntries(values) as Record<string, Record<string, FittedValue>>] as const;
  });
  return { fitted: Object.fromEntries(fitted.filter(([, parts]) => Object.keys(parts).length > 0)), files };
}

function valuesOf(learnt: Learnt, prefix: string, files: RunFile[]): Record<string, FittedValue> {
  const entries = Object.entries(learnt).map(([name, array]): [string, FittedValue] => {
    if (array.shape.length === 0) return [name, Number(array.data[0])];
    const file = `fitted/${unlike(files, safe(`${prefix}-${name}`))}.npy`;
    files.push({ file, content: [writeNpy(array)] });
    return [name, { shape: array.shape, file }];
  });
  return Object.fromEntries(entries);
}

/** A plugin may call an array anything, and a file system may take `C` for `c`. */
const safe = (name: string) =>
  Array.from(name.replace(/[^\p{L}\p{N}._-]/gu, '_'))
    .slice(0, 60)
    .join('');

function unlike(files: readonly RunFile[], name: string): string {
  const isTaken = (tried: string) =>
    files.some(({ file }) => file.toLowerCase() === `fitted/${tried}.npy`.toLowerCase());
  let free = name;
  for (let count = 2; isTaken(free); count++) free = `${name}-${count}`;
  return free;
}
