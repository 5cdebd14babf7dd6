import type { ClassesRejected, RejectedClass, RunResults } from '@farout/core';
import { bracketed, percent } from '../../numbers.ts';
import { dataTable, foldable, html, perDetector, type Markup } from '../markup.ts';

/** The ID classes that detectors reject more often than chance explains. */
export async function classSection(results: RunResults): Promise<Markup | undefined> {
  const all = Object.entries(results.classesRejected ?? {});
  if (all.length === 0) return undefined;
  const groups = all.map(([name, rejected]) => ({ name, detectors: [name], rejected }));
  const content = html`<p class="note">
      In-distribution classes whose images are rejected more often than chance explains. The list corrects for testing
      many classes (Benjamini–Hochberg): on average, at most 1 in 20 of the listed classes is there by chance.
    </p>
    ${await perDetector(groups, results, ({ rejected }) => Promise.resolve(classTable(rejected, results.classes)))}`;
  return foldable('classes', 'Rejected classes', content);
}

function classTable({ share, tested, named }: ClassesRejected, classes: RunResults['classes']): Markup {
  const summary = `${percent(share)} % of all labelled ID images are rejected; ${tested} classes were tested.`;
  if (named.length === 0) return html`<p class="note">${summary} No class is listed.</p>`;
  const row = (each: RejectedClass) => [
    classes?.[each.class] ?? String(each.class),
    `${each.rejected} of ${each.images}`,
    percent(each.rejected / each.images),
    bracketed(each.interval),
    each.byChance.toPrecision(2),
  ];
  return html`<p class="note">${summary}</p>
    ${dataTable(['class', 'rejected', '%', '95 % interval', 'expected by chance'], named.map(row))}`;
}
