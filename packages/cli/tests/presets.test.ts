import { describe, expect, it } from '@jest/globals';
import { loadExperiment } from '@farout/runner';
import { builtIns } from '../src/built-ins.ts';
import { demo } from './small-demo.ts';

const hooks = builtIns.flatMap(({ plugin }) => plugin.hooks ?? []);
const scorers = builtIns.flatMap(({ plugin }) => plugin.scorers ?? []);
const presets = [...hooks, ...scorers].flatMap(({ name, presets: all = {} }) =>
  Object.keys(all).map((preset) => ({ name, preset })),
);

/** The points that a detector with a preset has. */
async function pointsOf(name: string, preset: string) {
  const part = `{ ${name}: { preset: ${preset} } }`;
  const detector = hooks.some((hook) => hook.name === name) ? `[${part}, energy]` : part;
  const set = [`detectors={ Swept: ${detector} }`];
  const { detectors } = await loadExperiment({ file: demo, set, cwd: process.cwd(), env: {}, builtIns });
  return detectors;
}

/** How many points OpenOOD 1.5 tries: the lengths of its lists in configs/postprocessors, multiplied. */
const openood: Readonly<Record<string, number>> = {
  'adascale-a': 36,
  'adascale-l': 36,
  'ash-b': 7,
  fdbd: 2,
  gen: 7 * 6,
  'i-odin': 4 * 2,
  knn: 5,
  mcm: 3,
  nci: 4,
  odin: 4 * 2,
  react: 4,
  relation: 5,
  scale: 7,
  vim: 2,
  'vra-p': 4 * 4,
};

describe('the presets of the built-in parts', () => {
  it("have all of OpenOOD's sweeps", () => {
    const named = presets.filter(({ preset }) => preset === 'openood').map(({ name }) => name);
    expect(named.sort()).toEqual(Object.keys(openood).sort());
  });

  it.each(presets)('are valid, with as many points as there: $preset of $name', async ({ name, preset }) => {
    const points = await pointsOf(name, preset);
    expect(points).toHaveLength(openood[name]!);
    expect(new Set(points.map((point) => point.name)).size).toBe(points.length);
  });
});
