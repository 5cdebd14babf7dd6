import { chartOf } from '../chart.ts';
import { lineScales } from '../charts.ts';

/** ROC curves of detectors and the line of chance. `points`: line, order, x, y; `chance`: x, y. */
export const rocChart = chartOf({
  width: 250,
  height: 250,
  layer: [
    {
      data: { name: 'chance' },
      mark: { type: 'line', color: 'var(--axis)', strokeWidth: 1, strokeDash: [2, 3] },
      encoding: {
        x: { field: 'x', type: 'quantitative', title: 'OOD images accepted (FPR)', axis: { format: '~%' } },
        y: { field: 'y', type: 'quantitative', title: 'ID images accepted (TPR)', axis: { format: '~%' } },
      },
    },
    {
      data: { name: 'points' },
      mark: { type: 'line', strokeWidth: 1.6, strokeJoin: 'round' },
      encoding: {
        x: { field: 'x', type: 'quantitative' },
        y: { field: 'y', type: 'quantitative' },
        order: { field: 'order', type: 'quantitative' },
        ...lineScales,
      },
    },
  ],
});
