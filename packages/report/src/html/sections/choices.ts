import type { RunResults } from '@farout/core';
import { choicesOf, labelOf, remarksOn, valuesOf } from '../../choices.ts';
import { dataTable, foldable, html, type Markup } from '../markup.ts';
import { fitSets } from './findings.ts';

const title = 'Tuning: chosen parameters';

/** The chosen parameters and the images they were chosen on, or a sentence that the run chose none. */
export function choiceSection(results: RunResults): Markup | undefined {
  if (results.results.length === 0) return undefined;
  const all = choicesOf(results);
  if (all.length === 0) {
    const sets = fitSets(results);
    const learns = sets === '' ? '' : ` Detectors that learn are fitted on ${sets}.`;
    return foldable(
      'choices',
      title,
      html`<p>No parameter was tuned in this run. All are defaults or set in the experiment.${learns}</p>`,
    );
  }
  const rows = all.map(([detector, choice]) => [
    detector,
    valuesOf(choice),
    labelOf(choice, results),
    choice.id.join(', '),
    choice.ood.join(', '),
    String(choice.points.length),
    remarksOn(choice).join('; '),
  ]);
  return foldable(
    'choices',
    title,
    dataTable(['detector', 'chosen', 'by', 'ID images', 'OOD images', 'points compared', 'remark'], rows),
  );
}
