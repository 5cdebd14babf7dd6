import { chartOf, type Chart } from '../chart.ts';
import { lineScales } from '../charts.ts';

/** The chart of a metric in percent against a parameter, a line for each OOD set, and the value in use. `points`: line, x, y; `chosen`: at. */
export const sweepChart = (metric: string, parameter: string): Chart =>
  chartOf({
    width: 250,
    height: 180,
    layer: [
      {
        data: { name: 'points' },
        mark: { type: 'line', strokeWidth: 1.6 },
        encoding: {
          x: { field: 'x', type: 'quantitative', title: parameter, scale: { zero: false, nice: false } },
          y: { field: 'y', type: 'quantitative', title: `${metric}, %`, scale: { zero: false } },
          ...lineScales,
        },
      },
      {
        data: { name: 'chosen' },
        mark: { type: 'rule', color: 'var(--ink)', strokeDash: [4, 3] },
        encoding: { x: { field: 'at', type: 'quantitative' } },
      },
    ],
  });
