import { printable, type RunResults } from '@farout/core';
import { bestDetector } from '../standing.ts';
import type { Shape } from './client/draw.ts';

/** HTML that is safe to put into a page: made by `html`, never from a text of others. */
export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** What may stand in a template: markup as it is, a text or number escaped, a list of them, or nothing. */
export type Content = Markup | string | number | undefined | readonly Content[];

/** HTML as a template: whatever is put in and is no markup itself is escaped, in attributes too, if these are in double quotes. */
export const html = (strings: TemplateStringsArray, ...contents: readonly Content[]): Markup =>
  new Markup(strings.reduce((all, string, i) => all + rendered(contents[i - 1]) + string));

function rendered(content: Content): string {
  if (content === undefined) return '';
  if (typeof content === 'string') return escaped(content);
  if (typeof content === 'number') return String(content);
  return content instanceof Markup ? content.text : content.map(rendered).join('');
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Line breaks stay: a text may have several lines. */
const escaped = (text: string) =>
  text
    .split('\n')
    .map(printable)
    .join('\n')
    .replace(/[&<>"']/g, (character) => entities[character]!);

/** A drawing of the page's own, written down. */
export const written = ({ name, attributes, inside }: Shape): Markup => {
  const tag = new Markup(name);
  const given = Object.entries(attributes).map(([key, value]) => html` ${new Markup(key)}="${value}"`);
  return html`<${tag}${given}>${inside.map((each) => (typeof each === 'string' ? each : written(each)))}</${tag}>`;
};

/** A section of the page, which the reader may fold up; the script does so on narrow windows. One that is `scripted` is hidden without it. */
export const foldable = (id: string, title: Content, content: Content, kind?: 'scripted'): Markup =>
  html`<section id="${id}" ${kind === 'scripted' ? html`class="scripted" hidden` : undefined}>
    <details class="part" open>
      <summary><h2>${title}</h2></summary>
      ${content}
    </details>
  </section>`;

/** A table that scrolls in its own box where it is wider than the page, or `wrapping` breaks its lines instead. */
export const dataTable = (
  heads: readonly string[],
  rows: readonly (readonly Content[])[],
  kind: 'plain' | 'wrapping' = 'plain',
): Markup =>
  html`<div class="scroll" tabindex="0" role="region" aria-label="${heads.join(', ')}">
    <table class="${kind}">
      <thead>
        <tr>
          ${heads.map((head) => html`<th scope="col">${head}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          (row) =>
            html`<tr>
              ${row.map((content) => html`<td>${content}</td>`)}
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;

/** A picture below its name. */
export const figure = (name: string, picture: Markup): Markup =>
  html`<figure>
    <figcaption>${name}</figcaption>
    ${picture}
  </figure>`;

/** Pictures beside each other, as many as fit. */
export const figures = (all: readonly Markup[]): Markup => html`<div class="figures">${all}</div>`;

/** What is shown under one name: of a detector, or of several of which the same is shown. */
interface Folded {
  readonly name: string;
  readonly detectors: readonly string[];
}

/** What is shown of each group of detectors, folded up under its name; that of the best one, or the first, lies open. */
export async function perDetector<T extends Folded>(
  groups: readonly T[],
  results: RunResults,
  show: (group: T) => Promise<Markup>,
): Promise<Markup> {
  const best = bestDetector(results);
  const open = groups.find(({ detectors }) => best !== undefined && detectors.includes(best)) ?? groups[0];
  const shown: Markup[] = [];
  for (const group of groups) {
    const content = await show(group);
    shown.push(
      html`<details data-detectors="${JSON.stringify(group.detectors)}" ${group === open ? html`open` : undefined}>
        <summary>${group.name}</summary>
        ${content}
      </details>`,
    );
  }
  return html`<div class="folds">${shown}</div>`;
}
