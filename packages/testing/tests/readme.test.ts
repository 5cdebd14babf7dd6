import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { backboneChecks } from '../src/checks/backbone.ts';
import { datasetChecks } from '../src/checks/dataset.ts';
import { hookChecks } from '../src/checks/hook.ts';
import { metricChecks } from '../src/checks/metric.ts';
import { partChecks } from '../src/checks/part.ts';
import { scorerChecks } from '../src/checks/scorer.ts';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');

/** The first column of the table whose head this is. */
function clausesOf(head: string): string[] {
  const [, rows = ''] = readme.split(`| ${head}… | why |\n|---|---|\n`);
  return [...(/^(\|.*\n)*/.exec(rows)?.[0] ?? '').matchAll(/^\| (.*?) \|/gm)].map(([, title]) => title!);
}

const own = <Check>(checks: readonly Check[]) =>
  checks.filter((check) => !(partChecks as readonly unknown[]).includes(check));

describe('the README', () => {
  it.each([
    ['a scorer or hook', partChecks],
    ['a scorer', own(scorerChecks)],
    ['a hook', own(hookChecks)],
    ['a metric', metricChecks],
    ['a dataset', datasetChecks],
    ['a backbone', backboneChecks],
  ])('lists the clauses of %s in their order', (part, checks) => {
    expect(clausesOf(part)).toEqual(checks.map(({ title }) => title));
  });
});
