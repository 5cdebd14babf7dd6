import { html, type Markup } from './markup.ts';

/** How many lines of a chart differ by colour; those beyond by dashes too. */
const colours = 8;
const dashes = [[], [6, 3], [2, 2], [8, 3, 2, 3]] as const;
/** More lines than anybody could tell apart. */
const most = colours * dashes.length;

const indexes = Array.from({ length: most }, (_, index) => index);
const colourOf = (index: number) => `var(--line-${(index % colours) + 1})`;
const dashOf = (index: number) => dashes[Math.floor(index / colours) % dashes.length]!;

/** Colour and dashes by the field `line`, the index of a line. */
export const lineScales = {
  color: { field: 'line', type: 'nominal', scale: { domain: indexes, range: indexes.map(colourOf) }, legend: null },
  strokeDash: {
    field: 'line',
    type: 'nominal',
    scale: { domain: indexes, range: indexes.map((index) => [...dashOf(index)]) },
    legend: null,
  },
} as const;

/** Colour by the field `set`, "ID" or "OOD". */
export const setScale = {
  field: 'set',
  scale: { domain: ['ID', 'OOD'], range: ['var(--id)', 'var(--ood)'] },
  legend: null,
};

/** The names of a chart's lines, each beside a piece of its line. */
export const lineLegend = (names: readonly string[]): Markup =>
  html`<ul class="legend">
    ${names.map(
      (name, index) =>
        html`<li>
          <svg viewBox="0 0 28 10" width="28" height="10" aria-hidden="true">
            <path
              d="M0 5H28"
              stroke="${colourOf(index)}"
              stroke-width="2.5"
              stroke-dasharray="${dashOf(index).join(' ')}"
            />
          </svg>
          ${name}
        </li>`,
    )}
  </ul>`;

/** The legend of charts that compare the ID set with an OOD set. */
export const setLegend = (id: string, threshold?: string): Markup =>
  html`<ul class="legend">
    <li><span class="swatch id"></span>ID: ${id}</li>
    <li><span class="swatch ood"></span>OOD</li>
    ${threshold && html`<li><span class="swatch threshold"></span>${threshold}</li>`}
  </ul>`;
