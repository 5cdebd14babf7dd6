/// <reference lib="dom" />
/// <reference lib="dom.iterable" />

/** A description of an SVG element: the page's script mounts it in the document, the reporter serializes it. */
export interface Shape {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string | number>>;
  readonly inside: readonly (Shape | string)[];
}

/** Makes a shape. Colours are CSS variables of the page. */
export function shape(name: string, attributes: Shape['attributes'], ...inside: Shape['inside']): Shape {
  return { name, attributes, inside };
}

/** Creates the element in the document. */
export function mounted({ name, attributes, inside }: Shape): SVGElement {
  const element = document.createElementNS('http://www.w3.org/2000/svg', name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
  element.append(...inside.map((each) => (typeof each === 'string' ? each : mounted(each))));
  return element;
}

/** A picture with a description for screen readers. */
export function picture(title: string, width: number, height: number, shapes: readonly Shape[]): Shape {
  const size = { width, height, viewBox: `0 0 ${width} ${height}` };
  return shape('svg', { class: 'drawn', role: 'img', 'aria-label': title, ...size }, ...shapes);
}

export function label(x: number, y: number, text: string, anchor = 'start', more = {}): Shape {
  return shape('text', { x, y, 'text-anchor': anchor, 'font-size': 11, fill: 'var(--muted)', ...more }, text);
}

/** The width of a text in pixels, in the font of pictures. */
export function textWidth(text: string): number {
  const context = document.createElement('canvas').getContext('2d')!;
  context.font = `11px ${getComputedStyle(document.body).fontFamily}`;
  return Math.ceil(context.measureText(text).width) + 1;
}

/** About `count` round numbers between two numbers. */
export function ticksBetween(low: number, high: number, count = 5): number[] {
  const rough = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5].find((each) => each * power >= 0.75 * rough) ?? 10);
  const ticks: number[] = [];
  for (let at = Math.ceil(low / step - 1e-9); at * step <= high + 1e-9 * step; at++) ticks.push(at * step);
  return ticks.map((tick) => Number(tick.toPrecision(12)));
}

export function percentOf(fraction: number, digits = 2): string {
  return (100 * fraction).toFixed(digits);
}

/** `12 µs`, `3.4 ms`: two digits. */
export function timeText(microseconds: number): string {
  const digits = (value: number) => Number(value.toPrecision(2));
  return microseconds < 1000 ? `${digits(microseconds)} µs` : `${digits(microseconds / 1000)} ms`;
}

/** A chart with two axes, and the mapping from numbers to pixels. */
export interface Frame {
  readonly shapes: readonly Shape[];
  readonly x: (value: number) => number;
  readonly y: (value: number) => number;
}

/** An axis: its title, range and tick labels. */
export interface Axis {
  readonly title: string;
  readonly low: number;
  readonly high: number;
  readonly text: (value: number) => string;
}

/** The axes of a chart with titles and grid; `size` is the font size. */
export function axes(width: number, height: number, across: Axis, up: Axis, size = 11): Frame {
  const [left, right, top, bottom] = [15 + 3 * size, width - 14, 2 * size, height - 14 - 2 * size];
  const x = (value: number) => left + ((value - across.low) / (across.high - across.low || 1)) * (right - left);
  const y = (value: number) => bottom - ((value - up.low) / (up.high - up.low || 1)) * (bottom - top);
  const line = (x1: number, y1: number, x2: number, y2: number) =>
    shape('line', { x1, y1, x2, y2, stroke: 'var(--grid)' });
  const letters = { 'font-size': size };
  const shapes = [
    ...ticksBetween(across.low, across.high).flatMap((tick) => [
      line(x(tick), top, x(tick), bottom),
      label(x(tick), bottom + size + 4, across.text(tick), 'middle', letters),
    ]),
    ...ticksBetween(up.low, up.high).flatMap((tick) => [
      line(left, y(tick), right, y(tick)),
      label(left - 6, y(tick) + 4, up.text(tick), 'end', letters),
    ]),
    label((left + right) / 2, height - 5, across.title, 'middle', letters),
    label(2, size + 1, up.title, 'start', letters),
  ];
  return { shapes, x, y };
}
