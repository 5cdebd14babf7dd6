import { html, type Markup } from '../markup.ts';

/** How many names a sentence lists. */
const spelledOut = 4;
const enumeration = new Intl.ListFormat('en-GB');

/** A detector's name with punctuation that must stay on its line. The name breaks only if it is wider than a line. */
export const nameOf = (detector: string, after = ''): Markup => html`<span class="whole">${detector}${after}</span>`;

/** `A, B and C`; a long list shows the first names, and the rest on click. */
export function named(detectors: readonly string[]): Markup {
  const rest = detectors.slice(spelledOut);
  if (rest.length < 2) return joined(detectors);
  const first = detectors.slice(0, spelledOut);
  return html`${first.map((detector, at) => html`${nameOf(detector, at < spelledOut - 1 ? ',' : '')} `)}
    <details class="more">
      <summary>and ${rest.length} more</summary>
      (${joined(rest)})
    </details>`;
}

function joined(detectors: readonly string[]): Markup {
  const parts = enumeration.formatToParts(detectors);
  return html`${parts.map(({ type, value }, at) => {
    if (type === 'element') return nameOf(value, parts[at + 1]?.value === ', ' ? ',' : '');
    return value === ', ' ? ' ' : value;
  })}`;
}
