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
});
