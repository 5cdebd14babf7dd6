import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { compare } from './examples/compare.ts';

const textOf = (file: string) => readFileSync(new URL(file, import.meta.url), 'utf8');

describe("the README's example", () => {
  it('is the one that is tested here', () => {
    expect(textOf('../README.md')).toContain('```ts\n' + textOf('examples/compare.ts') + '```\n');
  });

  it("gives the AUROCs and the p values of pROC's roc.test", () => {
    const ofImages = (id: number[], ood: number[]) => ({ id: Float32Array.from(id), ood: Float32Array.from(ood) });
    const { values, intervals, p, best } = compare([
      ofImages([5, 6, 7, 9, 4, 8], [1, 4, 6, 3]),
      ofImages([5, 7, 6, 9, 3, 8], [1, 4, 2, 3]),
      ofImages([1, 2, 3, 9, 8, 2], [4, 2, 3, 8]),
    ]);
    expect(values).toEqual([0.875, 0.9375, 5 / 12]);
    // R: p.adjust(sapply(2:3, function(i) roc.test(r[[i]], r[[1]], method = "delong", paired = TRUE)$p.value), "holm")
    expect(p[0]).toBeCloseTo(0.6228116879657537, 12);
    expect(p[1]).toBeCloseTo(0.11200980273928503, 12);
    expect(intervals.map(({ method }) => method)).toEqual(['newcombe', 'newcombe', 'newcombe']);
    expect(best).toEqual([0, 1]);
  });
});
