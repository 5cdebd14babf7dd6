import { chartOf } from '../chart.ts';
import { setScale } from '../charts.ts';

/** Mean activation of every unit, a standard deviation to both sides, ID and OOD. `units`: set, unit, mean, low, high; `low`, `high`: ends of the axis. */
export const unitChart = chartOf({
  width: 250,
  height: 150,
  data: { name: 'units' },
  params: [
    { name: 'bottom', value: 0 },
    { name: 'top', value: 1 },
  ],
  encoding: {
    x: { field: 'unit', type: 'quantitative', title: 'unit, by its mean on ID', scale: { nice: false, zero: false } },
    y: {
      type: 'quantitative',
      title: 'activation',
      scale: { domainMin: { expr: 'bottom' }, domainMax: { expr: 'top' }, zero: false },
    },
  },
  layer: [
    {
      mark: { type: 'area', opacity: 0.25, clip: true },
      encoding: { y: { field: 'low', type: 'quantitative' }, y2: { field: 'high' }, color: setScale },
    },
    {
      mark: { type: 'line', strokeWidth: 1.6, clip: true },
      encoding: { y: { field: 'mean', type: 'quantitative' }, color: setScale },
    },
  ],
});
