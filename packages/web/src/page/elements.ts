/// <reference lib="dom" />

/** The element with this id. */
export const byId = (id: string): HTMLElement => document.getElementById(id)!;

/** Puts text, never markup, into an element of the page. */
export function say(id: string, text: string): void {
  byId(id).textContent = text;
}

/** Creates an element with attributes and content. */
export function made<K extends keyof HTMLElementTagNameMap>(
  name: K,
  attributes: Readonly<Record<string, string>>,
  ...inside: readonly (string | Node)[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...inside);
  return element;
}

/** Creates an SVG element. */
export function drawn(
  name: string,
  attributes: Readonly<Record<string, string | number>>,
  ...inside: readonly (string | Node)[]
): SVGElement {
  const element = document.createElementNS('http://www.w3.org/2000/svg', name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
  element.append(...inside);
  return element;
}

/** A score for people: four digits, and a minus sign as wide as a digit. */
export function scoreText(score: number): string {
  if (!Number.isFinite(score)) return score > 0 ? '∞' : score < 0 ? '−∞' : 'NaN';
  const size = Math.abs(score);
  const text = size >= 1e6 || (size > 0 && size < 1e-3) ? score.toExponential(3) : score.toFixed(size >= 1000 ? 1 : 3);
  return text.replace(/^-/, '−');
}

/** A fraction in percent. */
export const percent = (fraction: number): string => `${(100 * fraction).toFixed(1)} %`;

/** A p value with two digits. */
export const pText = (p: number): string => (p < 0.1 ? p.toPrecision(2) : p.toFixed(2));

/** A count with digit grouping. */
export const countText = (count: number): string => count.toLocaleString('en');
