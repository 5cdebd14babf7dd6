/// <reference lib="dom" />
import { axes, label, percentOf, picture, shape, textWidth, type Axis, type Shape } from './draw.ts';
import type { PageCurve, PageHistogram } from './page-data.ts';

/** A point of a scatter plot. */
export interface Point {
  readonly name: string;
  readonly x: number;
  readonly y: number;
  readonly strong: boolean;
}

/** A scatter plot; highlighted points are labelled. */
export function scatter(
  title: string,
  width: number,
  points: readonly Point[],
  across: Omit<Axis, 'low' | 'high'>,
  up: Omit<Axis, 'low' | 'high'>,
): Shape {
  const isWide = width > 700;
  const height = isWide ? 560 : Math.max(width * 0.9, 320);
  const size = isWide ? 14 : 12;
  const spread = (values: readonly number[]) => {
    const [low, high] = [Math.min(...values), Math.max(...values)];
    const margin = (high - low || 0.02) * 0.06;
    return { low: low - margin, high: high + margin };
  };
  const frame = axes(
    width,
    height,
    { ...across, ...spread(points.map(({ x }) => x)) },
    { ...up, ...spread(points.map(({ y }) => y)) },
    size - 1,
  );
  const places = points.map(({ name, x, y, strong }) => ({ name, x: frame.x(x), y: frame.y(y), strong }));
  const dots = places.map(({ x, y, strong }, at) => {
    const title = shape('title', {}, `${points[at]!.name}: ${across.text(points[at]!.x)}, ${up.text(points[at]!.y)}`);
    const fill = strong ? 'var(--accent)' : 'var(--axis)';
    return shape('circle', { cx: x, cy: y, r: strong ? 5 : 4, fill }, title);
  });
  return picture(title, width, height, [...frame.shapes, ...dots, ...namesBeside(places, width, size)]);
}

/** Labels of highlighted points, placed to cover neither points nor each other, with a line if not adjacent; omitted where there is no room. */
export function namesBeside(
  points: readonly { readonly name: string; readonly x: number; readonly y: number; readonly strong: boolean }[],
  width: number,
  size: number,
): Shape[] {
  const taken = points.map(({ x, y }) => ({ left: x - 6, right: x + 6, top: y - 6, bottom: y + 6 }));
  return points.flatMap(({ name, x, y, strong }) => {
    if (!strong) return [];
    const wide = (textWidth(name) * size) / 11;
    const places = [10, 26, 46].flatMap((far) =>
      [0, -0.5, 0.5, -1, 1].flatMap((turn) => [
        { left: x + far, bottom: y + size / 2 + turn * (far + size) },
        { left: x - far - wide, bottom: y + size / 2 + turn * (far + size) },
      ]),
    );
    const free = places
      .map(({ left, bottom }) => ({ left, right: left + wide, top: bottom - size - 2, bottom }))
      .find(
        (box) =>
          box.left > 50 &&
          box.right < width - 4 &&
          box.top > 20 &&
          taken.every(
            (other) =>
              box.right < other.left || box.left > other.right || box.bottom < other.top || box.top > other.bottom,
          ),
      );
    if (!free) return [];
    taken.push(free);
    const middle = free.bottom - size / 2;
    const isBeside = Math.abs(middle - y) < size && Math.min(Math.abs(free.left - x), Math.abs(free.right - x)) < 12;
    const to = { x2: free.left > x ? free.left - 2 : free.right + 2, y2: middle };
    const lead = shape('line', { x1: x, y1: y, ...to, stroke: 'var(--accent)', 'stroke-width': 0.8 });
    const text = label(free.left, free.bottom - 2, name, 'start', { fill: 'var(--ink)', 'font-size': size });
    return isBeside ? [text] : [lead, text];
  });
}

/** The colour of the line at this index. */
export function lineColour(at: number): string {
  return `var(--line-${(at % 8) + 1})`;
}

/** ROC curves on one set, coloured in order. */
export function rocPlot(title: string, width: number, curves: readonly PageCurve[]): Shape {
  const axis = (name: string): Axis => ({ title: name, low: 0, high: 1, text: (value) => percentOf(value, 0) });
  const frame = axes(width, width, axis('OOD images accepted (FPR), %'), axis('ID images accepted (TPR), %'));
  const path = (x: readonly number[], y: readonly number[]) =>
    x
      .map(
        (value, at) =>
          `${at === 0 ? 'M' : 'L'}${frame.x(value / 1000).toFixed(1)} ${frame.y(y[at]! / 1000).toFixed(1)}`,
      )
      .join('');
  const chance = shape('path', {
    d: path([0, 1000], [0, 1000]),
    stroke: 'var(--axis)',
    'stroke-dasharray': '2 3',
    fill: 'none',
  });
  const lines = curves.map(({ x, y }, at) => {
    const dashes = at < 8 ? 'none' : '6 3';
    return shape('path', {
      d: path(x, y),
      stroke: lineColour(at),
      'stroke-width': 1.8,
      'stroke-dasharray': dashes,
      fill: 'none',
    });
  });
  return picture(title, width, width, [...frame.shapes, chance, ...lines]);
}

/** Score histograms of ID and OOD, and the threshold if it is within the axis. */
export function histogramPlot(
  title: string,
  width: number,
  { edges, id, ood }: PageHistogram,
  threshold: number | null,
): Shape {
  const [low, high] = [edges[0]!, edges.at(-1)!];
  const most = Math.max(...id, ...ood, 1) / 1e4;
  const text = (value: number) => String(Number(value.toPrecision(4)));
  const frame = axes(
    width,
    width * 0.65,
    { title: 'score', low, high, text },
    { title: 'share of images, %', low: 0, high: most, text: (value) => text(100 * value) },
  );
  const area = (shares: readonly number[], colour: string) => {
    const steps = shares.map(
      (share, bin) =>
        `L${frame.x(edges[bin]!).toFixed(1)} ${frame.y(share / 1e4).toFixed(1)}H${frame.x(edges[bin + 1]!).toFixed(1)}`,
    );
    const d = `M${frame.x(low).toFixed(1)} ${frame.y(0).toFixed(1)}${steps.join('')}V${frame.y(0).toFixed(1)}`;
    return shape('path', { d, fill: colour, 'fill-opacity': 0.3, stroke: colour, 'stroke-width': 1.2 });
  };
  const rule =
    threshold !== null && threshold >= low && threshold <= high
      ? [
          shape('line', {
            x1: frame.x(threshold),
            x2: frame.x(threshold),
            y1: frame.y(most),
            y2: frame.y(0),
            stroke: 'var(--ink)',
            'stroke-dasharray': '4 3',
          }),
        ]
      : [];
  return picture(title, width, width * 0.65, [
    ...frame.shapes,
    area(id, 'var(--id)'),
    area(ood, 'var(--ood)'),
    ...rule,
  ]);
}
