import { chartOf } from '../chart.ts';
import { setScale } from '../charts.ts';

/** Histograms of scores, ID and OOD, and the threshold that 95 % of the ID images reach. `shares`: set, from, share; `threshold`: at. */
export const scoreHistogram = chartOf({
  width: 250,
  height: 150,
  layer: [
    {
      data: { name: 'shares' },
      mark: { type: 'area', interpolate: 'step-after', fillOpacity: 0.3, strokeWidth: 1.2 },
      encoding: {
        x: { field: 'from', type: 'quantitative', title: 'score', scale: { zero: false, nice: false } },
        y: { field: 'share', type: 'quantitative', title: 'share of images', stack: null, axis: { format: '~%' } },
        fill: setScale,
        stroke: setScale,
      },
    },
    {
      data: { name: 'threshold' },
      mark: { type: 'rule', color: 'var(--ink)', strokeDash: [4, 3] },
      encoding: { x: { field: 'at', type: 'quantitative' } },
    },
  ],
});
