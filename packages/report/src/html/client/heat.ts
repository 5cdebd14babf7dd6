/// <reference lib="dom" />
import { percentOf } from './draw.ts';
import type { PageColumn, PageData } from './page-data.ts';
import { element, headOf, scrolling } from './regions.ts';
import { metricOf, type Choice } from './state.ts';

/** Detectors × columns, as a table, so the numbers stay readable in narrow windows. */
export function heatMap(data: PageData, choice: Choice, ranked: readonly number[]): HTMLElement {
  const { columns, head, better } = metricOf(data, choice);
  const shares = columns.map((column) => sharesOf(column, better));
  const rows = ranked.map((detector) => {
    const name = element('span', [data.detectors[detector]!]);
    name.className = 'whole';
    const first = element('th', [name]);
    first.setAttribute('scope', 'row');
    const cells = columns.map(({ values }, at) => heatCell(values[detector] ?? null, shares[at]![detector]!));
    return element('tr', [first, ...cells]);
  });
  const names = ['detector', ...data.columns];
  const foot = rows.length > 20 ? [footOf(names)] : [];
  return scrolling(`${head} of all detectors on all sets`, 'heat', headOf(names), rows, foot);
}

/** Repeats the column headings below a table taller than a screen. */
export function footOf(names: readonly string[]): HTMLElement {
  const foot = element('tfoot', [element('tr', [...headOf(names).querySelectorAll('th')])]);
  foot.setAttribute('aria-hidden', 'true');
  return foot;
}

/** Each number as a share from 0 for the worst of all detectors to 1 for the best. */
export function sharesOf({ values }: PageColumn, better: 'higher' | 'lower'): (number | null)[] {
  const known = values.filter((value) => value !== null);
  const [low, high] = [Math.min(...known), Math.max(...known)];
  return values.map((value) => {
    if (value === null) return null;
    const share = (value - low) / (high - low || 1);
    return better === 'higher' ? share : 1 - share;
  });
}

/** Stronger colour means better; text is black or white, whichever is more readable. */
export function heatCell(value: number | null, share: number | null): HTMLElement {
  const cell = element('td', [value === null ? '—' : percentOf(value, 1)]);
  if (share === null) return cell;
  const percent = Math.round(100 * share);
  cell.style.background = `color-mix(in srgb, var(--heat) ${percent}%, var(--panel))`;
  cell.style.color = percent > 70 ? 'var(--on-heat)' : 'var(--off-heat)';
  return cell;
}
