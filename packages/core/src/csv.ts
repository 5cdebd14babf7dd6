/** What makes a spreadsheet compute a cell instead of showing it, and the apostrophe that keeps it from doing so. */
const formulaStart = /^(?=[=+\-@\t\r＝＋－＠'])|(?<=[;\t\r\n])(?=\s*[=+\-@＝＋－＠'])/gu;

/**
 * A line of CSV, RFC 4180, with its end: texts of others, then numbers and words of ours.
 *
 * A text that a spreadsheet would take for a formula begins with an apostrophe: before `=`, `+`, `-`, `@` and their wide forms, a
 * tab or a carriage return at its start, or those behind a semicolon, a tab or a line break in it, where some spreadsheets
 * begin a cell. So does one that begins with an apostrophe: who takes one apostrophe from these places has the text.
 */
export const csvLine = (texts: readonly string[], values: readonly string[] = []): string =>
  `${[...texts.map((text) => text.replace(formulaStart, "'")), ...values].map(quoted).join(',')}\r\n`;

const quoted = (field: string) => (/[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field);
