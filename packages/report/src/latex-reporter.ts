import { printable, defineReporter, type RunResults } from '@farout/core';
import { caveats, intervals, seedsNote } from './notes.ts';
import { bracketed } from './numbers.ts';
import { shortfalls } from './shortfalls.ts';
import { metricTables, type Cell, type MetricTable } from './tables.ts';

/** Writes the tables for LaTeX: one `tabular` per metric, best numbers bold, intervals small, published numbers in brackets. */
export const latexReporter = defineReporter({
  name: 'latex',
  about: { summary: 'The tables for LaTeX, one tabular per metric.' },
  file: 'table.tex',
  render: latexTables,
});

function latexTables(results: RunResults): string {
  const tables = metricTables(results).map(tabular);
  const notes = [
    'Needs \\usepackage{booktabs}. All numbers in percent.',
    ...intervals(results),
    ...seedsNote(results),
    ...caveats(results),
    ...shortfalls(results).flatMap(({ title, lines }) => lines.map((line) => `${title}: ${line}.`)),
  ];
  const preamble = notes.map((note) => `% ${printable(note)}`).join('\n');
  const macro = tables.some((table) => table.includes(otherLetter)) ? [definition] : [];
  return `${[preamble, ...macro, ...tables].join('\n\n')}\n`;
}

function tabular({ title, columns, rows }: MetricTable): string {
  const body = rows.map(({ detector, cells }) => row([escaped(detector), ...cells.map(cell)]));
  return [
    `\\begin{tabular}{l${'r'.repeat(columns.length)}}`,
    '\\toprule',
    row([escaped(title), ...columns.map(escaped)]),
    '\\midrule',
    ...body,
    '\\bottomrule',
    '\\end{tabular}',
  ].join('\n');
}

const small = (text: string) => `{\\scriptsize ${text}}`;

const row = (cells: readonly string[]) => `${cells.join(' & ')} \\\\`;

const cell = ({ text, best, interval, seeds, published }: Cell) =>
  [
    best ? `\\textbf{${escaped(text)}}` : escaped(text),
    interval && small(bracketed(interval)),
    seeds && small(escaped(seeds)),
    published,
  ]
    .filter((part) => part !== undefined)
    .join(' ');

/** Characters that LaTeX would interpret, or that its fonts would render as something else. */
const commands: Readonly<Record<string, string>> = {
  '\\': '\\textbackslash{}',
  '~': '\\textasciitilde{}',
  '^': '\\textasciicircum{}',
  // After the end of a row these would be parsed as its arguments.
  '[': '{[}',
  ']': '{]}',
  '*': '{*}',
  '<': '\\textless{}',
  '>': '\\textgreater{}',
  '|': '\\textbar{}',
  '"': '{\\char34}',
  '↑': '$\\uparrow$',
  '↓': '$\\downarrow$',
  '→': '$\\rightarrow$',
  '←': '$\\leftarrow$',
  '—': '---',
  '–': '--',
  '−': '$-$',
  '×': '$\\times$',
  '·': '$\\cdot$',
  '±': '$\\pm$',
  '≤': '$\\leq$',
  '≥': '$\\geq$',
  '∞': '$\\infty$',
  ß: '\\ss{}',
  æ: '\\ae{}',
  Æ: '\\AE{}',
  œ: '\\oe{}',
  Œ: '\\OE{}',
  ø: '\\o{}',
  Ø: '\\O{}',
  ł: '\\l{}',
  Ł: '\\L{}',
  ı: '\\i{}',
  ...Object.fromEntries(greekLetters()),
};

/** Lower-case letters, and the capitals that have no Latin equivalent. */
function greekLetters(): [string, string][] {
  const small =
    'alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi . pi rho varsigma sigma tau upsilon phi chi psi omega';
  const named = small.split(' ').map((name, i): [string, string] => [String.fromCodePoint(0x3b1 + i), name]);
  const capitals = ['Gamma', 'Delta', 'Theta', 'Lambda', 'Xi', 'Pi', 'Sigma', 'Phi', 'Psi', 'Omega'];
  return [
    ...named.filter(([, name]) => name !== '.').map(([letter, name]): [string, string] => [letter, `$\\${name}$`]),
    ...capitals.map((name): [string, string] => {
      const [letter] = named.find(([, each]) => each === name.toLowerCase())!;
      return [letter.toUpperCase(), `$\\${name}$`];
    }),
  ];
}

/** Accents by their combining characters. */
const accents: Readonly<Record<string, string>> = {
  '\u0300': '`',
  '\u0301': "'",
  '\u0302': '^',
  '\u0303': '~',
  '\u0304': '=',
  '\u0306': 'u',
  '\u0307': '.',
  '\u0308': '"',
  '\u030a': 'r',
  '\u030b': 'H',
  '\u030c': 'v',
  '\u0323': 'd',
  '\u0327': 'c',
  '\u0331': 'b',
};

/** The macro for letters missing from pdfTeX's fonts: XeTeX and LuaTeX print the letter, pdfTeX its code point. */
const otherLetter = '\\oodletter';
const definition = [
  '% XeLaTeX and LuaLaTeX print letters beyond Latin and Greek if the font has them; pdfLaTeX prints their code points.',
  `\\providecommand{${otherLetter}}[2]{\\ifdefined\\XeTeXrevision#1\\else\\ifdefined\\directlua#1\\else#2\\fi\\fi}`,
].join('\n');

/** Escapes a name from outside. */
const escaped = (text: string) =>
  printable(text).replace(/-(?=-)|[,`'?!](?=[,`'])|[\\~^[\]*<>|"&%$#_{}]|[^\x20-\x7e]/gu, (character) =>
    letter(character),
  );

function letter(character: string): string {
  const command = commands[character];
  if (command !== undefined) return command;
  // Two in a row would become a ligature.
  if (/[-,`'?!]/.test(character)) return `${character}{}`;
  if (character.codePointAt(0)! < 0x80) return `\\${character}`;
  const [base = '', accent = '', ...more] = character.normalize('NFD');
  const mark = accents[accent];
  if (mark !== undefined && /[a-z]/i.test(base) && more.length === 0) return `\\${mark}{${base}}`;
  const number = character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0');
  return `${otherLetter}{${character}}{U+${number}}`;
}
