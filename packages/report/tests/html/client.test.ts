import { Script } from 'node:vm';
import { describe, expect, it } from '@jest/globals';
import { normalCdf } from '@farout/statistics';
import { differencesFrom } from '../../src/differences.ts';
import { ticksBetween } from '../../src/html/client/draw.ts';
import { pageData } from '../../src/html/client/page-data.ts';
import { passes, rankedOf, type Choice } from '../../src/html/client/state.ts';
import { differencesOf, gainText, upperTail, verdictOf } from '../../src/html/client/tests.ts';
import { clientModules, pageScript } from '../../src/html/script.ts';
import { drawnRun, nothingDrawn } from '../drawn-run.ts';
import { testedRun } from '../tested-run.ts';

describe("the page's script", () => {
  it('calls each function by one name, and is a script', () => {
    const names = Object.values(clientModules).flatMap((module) => Object.keys(module));
    expect(names).toEqual([...new Set(names)]);
    for (const module of Object.values(clientModules))
      for (const [name, made] of Object.entries(module))
        expect(String(made)).toMatch(new RegExp(`^function ${name}\\(`));
    expect(() => new Script(pageScript)).not.toThrow();
  });

  it('knows the tail of the normal distribution', () => {
    for (const z of [0, 0.5, 1, 1.96, 2.9, 3.1, 5, 8, 20, 37]) {
      const exact = normalCdf(-z);
      expect(Math.abs(upperTail(z) - exact) / exact).toBeLessThan(1e-6);
    }
    expect(upperTail(Infinity)).toBe(0);
  });

  it('finds the differences, intervals and p values that the program finds', () => {
    const run = testedRun({ detectors: ['A', 'B', 'C', 'D', 'E'], sets: ['sun', 'places'], images: 150 });
    const data = pageData(run, nothingDrawn);
    for (const [baseline, name] of data.detectors.entries()) {
      for (const { metric, ood, rows, compared } of differencesFrom(name, run)) {
        const column = data.metrics.find((each) => each.name === metric)!.columns[data.columns.indexOf(ood)]!;
        const found = differencesOf(column, baseline);
        expect(column.compared).toBe(compared);
        expect(found.map(({ detector }) => data.detectors[detector])).toEqual(rows.map(({ detector }) => detector));
        for (const [at, { difference, error, adjusted }] of rows.entries()) {
          expect(found[at]!.difference).toBeCloseTo(difference, 5);
          expect(found[at]!.error).toBeCloseTo(error, 5);
          expect(Math.abs(found[at]!.adjusted - adjusted)).toBeLessThan(1e-3);
        }
      }
    }
  });

  it('says what a difference is worth', () => {
    const of = (difference: number, error: number, adjusted: number) => ({ difference, error, adjusted });
    expect(gainText(of(-0.031, 0.01, 0.0001), 'lower')).toBe(
      '−3.10\u00a0points [−5.06,\u00a0−1.14], better, p\u00a0<\u00a00.001',
    );
    expect(gainText(of(0.01, 0.01, 0.3173), 'higher')).toBe(
      '+1.00\u00a0points [−0.96,\u00a0+2.96], not significant, p\u00a0=\u00a00.317',
    );
    expect(gainText(of(0, 0, 1), 'higher')).toBe('same ranking');
    expect(verdictOf(of(0.1, 0.01, 0.01), 'lower')).toBe('worse');
  });

  it('ranks and filters by name and by what detectors look at', () => {
    const run = testedRun(
      { detectors: ['Alpha', 'Beta', 'Gamma'], sets: ['sun'], images: 100 },
      { families: { Alpha: 'logits', Beta: 'distance' } },
    );
    const data = pageData(run, nothingDrawn);
    const choice: Choice = { metric: 1, column: 0, baseline: 0, name: '', hidden: new Set() };
    const value = (name: string) =>
      run.results.find((cell) => cell.detector === name && cell.metric === 'auroc')!.value;
    const best = ['Alpha', 'Beta', 'Gamma'].sort((a, b) => value(b) - value(a));
    expect(rankedOf(data, choice).map((at) => data.detectors[at])).toEqual(best);
    expect([0, 1, 2].filter((at) => passes(data, { ...choice, name: 'et' }, at))).toEqual([1]);
    expect([0, 1, 2].filter((at) => passes(data, { ...choice, hidden: new Set(['logits', '']) }, at))).toEqual([1]);
  });

  it('puts round numbers on axes', () => {
    expect(ticksBetween(0, 1)).toEqual([0, 0.2, 0.4, 0.6, 0.8, 1]);
    expect(ticksBetween(-0.031, 0.012)).toEqual([-0.03, -0.02, -0.01, 0, 0.01]);
  });
});

describe('what it draws from', () => {
  it('keeps curves and histograms to what can be seen', () => {
    const { results, data } = drawnRun({ detectors: ['A'], sets: ['sun'], width: 2 });
    const curves = [
      { detector: 'A', ood: 'sun', falsePositiveRate: [0, 0, 0, 0.5, 1], truePositiveRate: [0, 0.25, 0.5, 0.75, 1] },
    ];
    const drawn = pageData(results, { ...data, curves });
    expect(drawn.curves).toEqual([{ detector: 0, column: 0, x: [0, 0, 500, 1000], y: [0, 500, 750, 1000] }]);
    expect(drawn.histograms[0]!.id[0]).toBe(Math.round(1e4 * data.distributions[0]!.idShares[0]!));
  });

  it('shows only an error of 0 as 0', () => {
    const run = testedRun({ detectors: ['A', 'B', 'C'], sets: ['sun'], images: 50 });
    const paired = run.paired!.map((each) => ({ ...each, standardErrors: [0, 1e-9, 0.25] }));
    expect(pageData({ ...run, paired }, nothingDrawn).metrics[0]!.columns[0]!.errors).toEqual([0, 1, 250_000]);
  });
});
