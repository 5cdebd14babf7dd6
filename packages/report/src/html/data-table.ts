import { html, type Content, type Markup } from './markup.ts';

/** A table that scrolls in its own box where it is wider than the page. */
export const dataTable = (heads: readonly string[], rows: readonly (readonly Content[])[]): Markup =>
  html`<div class="scroll" tabindex="0" role="region" aria-label="${heads.join(', ')}">
    <table class="plain">
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
