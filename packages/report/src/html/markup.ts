import { printable } from '@farout/core';

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
