import type { RunResults } from '@farout/core';
import { choicesOf, labelOf, remarksOn, valuesOf } from '../../choices.ts';
import { dataTable, html, type Markup } from '../markup.ts';

/** What was chosen on what, where a run chose parameters. */
export function choiceSection(results: RunResults): Markup | undefined {
  const all = choicesOf(results);
  if (all.length === 0) return undefined;
  const rows = all.map(([detector, choice]) => [
    detector,
    valuesOf(choice),
    labelOf(choice, results),
    choice.id.join(', '),
    choice.ood.join(', '),
    String(choice.points.length),
    remarksOn(choice).join('; '),
  ]);
  return html`<section id="choices">
    <h2>What was chosen on what</h2>
    ${dataTable(['detector', 'chosen', 'by', 'ID images', 'OOD images', 'of points', 'remark'], rows)}
  </section>`;
}
