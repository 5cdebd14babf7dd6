import type { ClassesRejected, RejectedClass, RunResults } from '@farout/core';
import { bracketed, percent } from '../../numbers.ts';
import { dataTable, html, perDetector, type Markup } from '../markup.ts';

/** Which classes in distribution detectors reject more often than chance. */
export async function classSection(results: RunResults): Promise<Markup | undefined> {
  const all = Object.entries(results.classesRejected ?? {});
  if (all.length === 0) return undefined;
  const groups = all.map(([name, rejected]) => ({ name, detectors: [name], rejected }));
  return html`<section id="classes">
    <h2>Classes that are rejected</h2>
    <p class="note">
      Classes in distribution of which more images lie at the threshold or below than chance alone would bring. They are
      named by Benjamini and Hochberg: on average at most one in 20 wrongly.
    </p>
    ${await perDetector(groups, results, ({ rejected }) => Promise.resolve(classTable(rejected, results.classes)))}
  </section>`;
}

function classTable({ share, tested, named }: ClassesRejected, classes: RunResults['classes']): Markup {
  const summary = `${percent(share)} % of all labelled ID images are rejected; ${tested} classes were tested.`;
  if (named.length === 0) return html`<p class="note">${summary} No class is named.</p>`;
  const row = (each: RejectedClass) => [
    classes?.[each.class] ?? String(each.class),
    `${each.rejected} of ${each.images}`,
    percent(each.rejected / each.images),
    bracketed(each.interval),
    each.byChance.toPrecision(2),
  ];
  return html`<p class="note">${summary}</p>
    ${dataTable(['class', 'rejected', '%', '95 % interval', 'classes by chance'], named.map(row))}`;
}
