import { printable } from '@farout/core';
import { chartOf, type Chart } from '../chart.ts';
import { lineScales } from '../charts.ts';

/** Lines over common axes. `points`: line, order, x, y. */
export const lineChart = (x: string, y: string): Chart =>
  chartOf({
    width: 250,
    height: 180,
    data: { name: 'points' },
    mark: { type: 'line', strokeWidth: 1.6 },
    encoding: {
      x: { field: 'x', type: 'quantitative', title: printable(x), scale: { zero: false, nice: false } },
      y: { field: 'y', type: 'quantitative', title: printable(y), scale: { zero: false } },
      order: { field: 'order', type: 'quantitative' },
      ...lineScales,
    },
  });
