import { describe, expect, it } from '@jest/globals';
import { readdirSync } from 'node:fs';
import { pluginMark } from '@farout/core';
import { metrics } from '@farout/metrics';

const notMetrics = ['index.ts', 'plugin.ts', 'detection-curve.ts'];
const files = readdirSync(new URL('../src', import.meta.url)).filter((file) => file.endsWith('.ts'));

describe('metrics', () => {
  it('is a plugin that lists every metric of the folder by the name of its file', () => {
    const expected = files.filter((file) => !notMetrics.includes(file)).map((file) => file.slice(0, -'.ts'.length));
    expect(metrics.metrics!.map(({ name }) => name).sort()).toEqual(expected.sort());
    expect(pluginMark in metrics).toBe(true);
  });

  it('has a title for each, and says which is which where two have one', () => {
    const labels = metrics.metrics!.map(({ title, convention }) => [title, convention]);
    expect(labels.filter(([title]) => title === undefined)).toEqual([]);
    expect(new Set(labels.map(String)).size).toBe(labels.length);
  });
});
