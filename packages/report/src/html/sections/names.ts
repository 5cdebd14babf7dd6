import { html, type Markup } from '../markup.ts';

/** How many names a sentence spells out. */
const spelledOut = 4;
const enumeration = new Intl.ListFormat('en-GB');

/** A detector's name, and what may not begin a line behind it; broken only where a line is too short for it. */
export const nameOf = (detector: string, after = ''): Markup => html`<span class="whole">${detector}${after}</span>`;

/** `A, B and C`; of many the first, and the others where the reader opens them. */
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
