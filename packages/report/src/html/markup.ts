import { printable, type RunResults } from '@farout/core';
import { bestDetector } from '../standing.ts';
import type { Shape } from './client/draw.ts';

/** HTML that is safe to insert into a page: made by `html`, never directly from outside text. */
export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** Allowed template values: markup (inserted unchanged), text or numbers (escaped), a list of these, or undefined. */
export type Content = Markup | string | number | undefined | readonly Content[];

/** An HTML template. Escapes every value that is not markup; attributes are safe too if they are in double quotes. */
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

/** Keeps line breaks: a text may have several lines. */
const escaped = (text: string) =>
  text
    .split('\n')
    .map(printable)
    .join('\n')
    .replace(/[&<>"']/g, (character) => entities[character]!);

/** Serializes a shape drawn by the page's own code. */
export const written = ({ name, attributes, inside }: Shape): Markup => {
  const tag = new Markup(name);
  const given = Object.entries(attributes).map(([key, value]) => html` ${new Markup(key)}="${value}"`);
  return html`<${tag}${given}>${inside.map((each) => (typeof each === 'string' ? each : written(each)))}</${tag}>`;
};

/** A collapsible section of the page; the script collapses it in narrow windows. A `scripted` section is hidden without JavaScript. */
export const foldable = (id: string, title: Content, content: Content, kind?: 'scripted'): Markup =>
  html`<section id="${id}" ${kind === 'scripted' ? html`class="scripted" hidden` : undefined}>
    <details class="part" open>
      <summary><h2>${title}</h2></summary>
      ${content}
    </details>
  </section>`;

/** A table that scrolls in its own box if it is wider than the page; a `wrapping` table breaks its lines instead. */
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

/** A picture with its caption above. */
export const figure = (name: string, picture: Markup): Markup =>
  html`<figure>
    <figcaption>${name}</figcaption>
    ${picture}
  </figure>`;

/** A grid of pictures, as many per row as fit. */
export const figures = (all: readonly Markup[]): Markup => html`<div class="figures">${all}</div>`;

/** A collapsible entry for one detector, or for several detectors with the same content. */
interface Folded {
  readonly name: string;
  readonly detectors: readonly string[];
}

/** One collapsible entry per group of detectors. The entry of the best detector, or the first one, is open. */
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
