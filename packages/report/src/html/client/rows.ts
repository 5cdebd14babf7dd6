/// <reference lib="dom" />
import { label, picture, shape, textWidth, ticksBetween, type Shape } from './draw.ts';

/** A row of a chart: a dot with a bar. */
export interface Row {
  readonly name: string;
  readonly value: number;
  readonly low: number | null;
  readonly high: number | null;
  /** Whether it is highlighted by colour and weight. `star` adds the mark used in tables. */
  readonly strong: boolean;
  readonly star: boolean;
  /** The tooltip. */
  readonly text: string;
}

/** The height of a chart row, in pixels. */
export function rowHeight(): number {
  return 18;
}

/** Dots with interval bars, one per row; `zero` draws a vertical line at 0. */
export function rowChart(title: string, axis: string, width: number, rows: readonly Row[], zero = false): Shape {
  const left = Math.min(Math.max(...rows.map(({ name }) => textWidth(name))) * 1.1 + 30, width / 2);
  const [right, top, height] = [width - 18, 24, rows.length * rowHeight()];
  const ends = rows.flatMap(({ value, low, high }) => [value, low ?? value, high ?? value]).concat(zero ? [0] : []);
  const [low, high] = [Math.min(...ends), Math.max(...ends)];
  const x = (value: number) => left + ((value - low) / (high - low || 1)) * (right - left);
  const shapes = ticksBetween(low, high, width < 420 ? 3 : 6).flatMap((tick) => [
    shape('line', { x1: x(tick), x2: x(tick), y1: top, y2: top + height, stroke: 'var(--grid)' }),
    // At both ends, because a chart with many rows is taller than a screen.
    ...[top - 8, top + height + 15].map((y) => label(x(tick), y, String(Number((100 * tick).toFixed(4))), 'middle')),
  ]);
  const rule = shape('line', {
    x1: x(0),
    x2: x(0),
    y1: top,
    y2: top + height,
    stroke: 'var(--ink)',
    'stroke-dasharray': '4 3',
  });
  const marks = rows.map((row, at) => dot(row, top + (at + 0.5) * rowHeight(), left, x));
  const name = label(right, top + height + 32, axis, 'end');
  return picture(title, width, top + height + 40, [...shapes, ...(zero ? [rule] : []), ...marks, name]);
}

export function dot(
  { name, value, low, high, strong, star, text }: Row,
  y: number,
  left: number,
  x: (value: number) => number,
): Shape {
  const colour = strong ? 'var(--accent)' : 'var(--axis)';
  const bar =
    low === null || high === null
      ? []
      : [
          shape('line', {
            x1: x(low),
            x2: x(high),
            y1: y,
            y2: y,
            stroke: colour,
            'stroke-width': 2.5,
            'stroke-linecap': 'round',
          }),
        ];
  const words = strong ? { fill: 'var(--ink)', 'font-weight': 600 } : {};
  return shape(
    'g',
    {},
    shape('title', {}, text),
    label(left - 10, y + 4, star ? `★ ${name}` : name, 'end', words),
    ...bar,
    shape('circle', { cx: x(value), cy: y, r: 4, fill: colour }),
  );
}
