import { expect, it } from '@jest/globals';
import { lineChart } from '../../src/html/charts.ts';

it('a chart of lines shows the names of its axes as text, control characters as escapes', async () => {
  const points = [
    { line: 0, order: 0, x: 0, y: 1 },
    { line: 0, order: 1, x: 1, y: 2 },
  ];
  const chart = await lineChart('<x class="a">="1.234"', 'y\u0000\u202e')('Lines', { datasets: { points } });
  expect(chart.text).toContain('>&lt;x class="a"&gt;="1.234"</text>');
  expect(chart.text).toContain('>y\\x00\\u202e</text>');
});
