import type { RunResults } from '@farout/core';
import { dataTable, html, type Markup } from '../markup.ts';

/** What a run says of parameters that it chose from data. */
interface ChosenParameters {
  readonly values: Readonly<Record<string, unknown>>;
  readonly by: string;
  readonly id: string | readonly string[];
  readonly ood?: string | readonly string[];
  readonly points: number;
  readonly tied?: number | boolean;
  readonly testSets?: readonly string[];
}

/** What was chosen on what, where a run chose parameters. */
export function choiceSection(results: RunResults): Markup | undefined {
  const { chosen } = results as { readonly chosen?: Readonly<Record<string, ChosenParameters>> };
  if (!chosen || Object.keys(chosen).length === 0) return undefined;
  return html`<section id="choices">
    <h2>What was chosen on what</h2>
    ${dataTable(
      ['detector', 'chosen', 'by', 'ID images', 'OOD images', 'of points', 'remark'],
      Object.entries(chosen).map(([detector, each]) => [
        detector,
        Object.entries(each.values)
          .map(([name, value]) => `${name} ${typeof value === 'string' ? value : JSON.stringify(value)}`)
          .join(', '),
        each.by,
        listed(each.id),
        listed(each.ood),
        String(each.points),
        remark(each),
      ]),
    )}
  </section>`;
}

const listed = (names: string | readonly string[] | undefined) => [names ?? '—'].flat().join(', ');

const remark = ({ tied, testSets = [] }: ChosenParameters): string =>
  [
    ...(tied ? ['the data could not choose among several'] : []),
    ...(testSets.length > 0 ? [`chosen on test images: ${testSets.join(', ')}`] : []),
  ].join('; ');
