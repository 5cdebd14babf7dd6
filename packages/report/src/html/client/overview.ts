/// <reference lib="dom" />
import { mounted, percentOf, timeText, type Shape } from './draw.ts';
import { heatMap } from './heat.ts';
import type { PageColumn, PageData } from './page-data.ts';
import { scatter, type Point } from './plots.ts';
import { rowChart, type Row } from './rows.ts';
import { columnOf, metricOf, rankedOf, type Choice } from './state.ts';
import { differencesOf, gainText } from './tests.ts';

/** Draws into the element with this id, at its width; does nothing if the page lacks it. */
export function drawInto(id: string, make: (width: number) => Shape | undefined): void {
  const place = document.getElementById(id);
  // The width is 0 before layout.
  if (!place || place.clientWidth === 0) return;
  const drawn = make(place.clientWidth);
  place.replaceChildren(...(drawn ? [mounted(drawn)] : [noneLeft()]));
}

export function noneLeft(): string {
  return 'No detector matches these filters.';
}

/** Draws the charts of all results. */
export function showCharts(data: PageData, choice: Choice): void {
  const ranked = rankedOf(data, choice);
  const some = (make: (width: number) => Shape | undefined) => (width: number) =>
    ranked.length > 0 ? make(width) : undefined;
  const heat = document.getElementById('heat');
  heat?.replaceChildren(ranked.length > 0 ? heatMap(data, choice, ranked) : noneLeft());
  drawInto(
    'ranking',
    some((width) => ranking(data, choice, ranked, width)),
  );
  drawInto(
    'differences',
    some((width) => differenceChart(data, choice, ranked, width)),
  );
  drawInto(
    'group-chart',
    some((width) => nearFar(data, choice, ranked, width)),
  );
  drawInto(
    'cost-chart',
    some((width) => costChart(data, choice, ranked, width)),
  );
}

export function ranking(data: PageData, choice: Choice, ranked: readonly number[], width: number): Shape {
  const { values, lows, highs, marked } = columnOf(data, choice);
  const rows = ranked.map((detector): Row => {
    const [value, low, high] = [values[detector]!, lows[detector] ?? null, highs[detector] ?? null];
    const name = data.detectors[detector]!;
    const interval = low === null || high === null ? '' : ` [${percentOf(low)}, ${percentOf(high)}]`;
    return {
      name,
      value,
      low,
      high,
      strong: marked.includes(detector),
      star: marked.includes(detector),
      text: `${name}: ${percentOf(value)}${interval}`,
    };
  });
  return rowChart(`Ranking by ${chosen(data, choice)}`, `${chosen(data, choice)}, %`, width, rows);
}

export function chosen(data: PageData, choice: Choice): string {
  return `${metricOf(data, choice).head} on ${data.columns[choice.column]!}`;
}

export function differenceChart(
  data: PageData,
  choice: Choice,
  ranked: readonly number[],
  width: number,
): Shape | undefined {
  const column = columnOf(data, choice);
  const { better } = metricOf(data, choice);
  const differences = differencesOf(column, choice.baseline);
  const rows = ranked.flatMap((detector): Row[] => {
    const found = differences.find((each) => each.detector === detector);
    if (!found) return [];
    const { difference, error, adjusted } = found;
    const [name, half] = [data.detectors[detector]!, 1.959964 * error];
    const text = `${name}: ${gainText(found, better)}`;
    return [
      {
        name,
        value: difference,
        low: difference - half,
        high: difference + half,
        strong: adjusted <= 0.05,
        star: false,
        text,
      },
    ];
  });
  if (rows.length === 0) return undefined;
  const title = `${chosen(data, choice)}, against ${data.detectors[choice.baseline]!}`;
  return rowChart(title, 'points', width, rows, true);
}

export function nearFar(data: PageData, choice: Choice, ranked: readonly number[], width: number): Shape {
  const [across, up] = data.groups as readonly [number, number];
  const { columns, head } = metricOf(data, choice);
  const [x, y] = [columns[across]!, columns[up]!];
  const axis = (column: number) => ({
    title: `${head} on ${data.columns[column]!}, %`,
    text: (value: number) => percentOf(value, 1),
  });
  return scatter(
    `${head}: ${data.columns[across]!} against ${data.columns[up]!}`,
    width,
    points(data, ranked, x, y),
    axis(across),
    axis(up),
  );
}

export function points(data: PageData, ranked: readonly number[], x: PageColumn, y: PageColumn): Point[] {
  return ranked.flatMap((detector) => {
    const [a, b] = [x.values[detector], y.values[detector]];
    if (typeof a !== 'number' || typeof b !== 'number') return [];
    return [
      {
        name: data.detectors[detector]!,
        x: a,
        y: b,
        strong: x.marked.includes(detector) || y.marked.includes(detector),
      },
    ];
  });
}

export function costChart(data: PageData, choice: Choice, ranked: readonly number[], width: number): Shape | undefined {
  const { values, marked } = columnOf(data, choice);
  const costly = ranked.flatMap((detector) => {
    const cost = data.costs[detector];
    return cost
      ? [
          {
            name: data.detectors[detector]!,
            x: Math.log10(cost),
            y: values[detector]!,
            strong: marked.includes(detector),
          },
        ]
      : [];
  });
  if (costly.length === 0) return undefined;
  const time = (log: number) => timeText(10 ** log);
  const up = { title: `${chosen(data, choice)}, %`, text: (value: number) => percentOf(value, 1) };
  return scatter(
    `Cost and ${chosen(data, choice)}`,
    width,
    costly,
    { title: 'time per image (log scale)', text: time },
    up,
  );
}
