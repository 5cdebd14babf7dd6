import { chartOf } from '../chart.ts';
import { setScale } from '../charts.ts';

/** Histogram of all activations of a set, over images and units, and the threshold c. `shares`: set, from, share; `threshold`: at. */
export const pooledChart = chartOf({
  width: 250,
  height: 150,
  layer: [
    {
      data: { name: 'shares' },
      mark: { type: 'line', interpolate: 'step-after', strokeWidth: 1.4 },
      encoding: {
        x: { field: 'from', type: 'quantitative', title: 'activation', scale: { zero: false, nice: false } },
        y: {
          field: 'share',
          type: 'quantitative',
          title: 'share',
          scale: { type: 'log' },
          axis: { format: '.1~p' },
        },
        color: setScale,
      },
    },
    {
      data: { name: 'threshold' },
      mark: { type: 'rule', color: 'var(--ink)', strokeDash: [4, 3] },
      encoding: { x: { field: 'at', type: 'quantitative' } },
    },
  ],
});
