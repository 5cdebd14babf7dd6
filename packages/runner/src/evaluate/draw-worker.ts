// A thread: draws in, numbers out. Finds metrics by the modules that provide them.
import { workerData } from 'node:worker_threads';
import type { MetricDefinition, PluginDefinition } from '@farout/core';
import { atRatio } from '../at-ratio.ts';
import { Drawing, mostDraws, takeDraws, type DrawnMetric, type DrawTask } from './draws.ts';

const { sets, metrics, next } = workerData as DrawTask;

async function find(module: string, name: string): Promise<MetricDefinition> {
  const exported = Object.values((await import(module)) as Readonly<Record<string, Partial<PluginDefinition>>>);
  const found = exported.flatMap((each) => each.metrics ?? []).find((metric) => metric.name === name);
  if (!found) throw new Error(`${module} provides no metric "${name}"`);
  return found;
}

const found: DrawnMetric[] = [];
for (const { name, module, ratio, draws, numbers } of metrics) {
  const metric = await find(module, name);
  found.push({ value: (ratio === undefined ? metric : atRatio(metric, ratio)).value, draws, numbers });
}
const drawing = new Drawing(sets, found);
for (let first = takeDraws(next); first < mostDraws(found); first = takeDraws(next)) drawing.measure(first);
