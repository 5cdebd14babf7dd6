import { blocks } from './fenced-blocks.ts';

/** A command of a document. */
export interface DocumentedCommand {
  readonly place: string;
  /** As it is written. */
  readonly line: string;
  /** Variables that are set for it. */
  readonly env: Readonly<Record<string, string>>;
  readonly words: readonly string[];
}

/** A word as a shell reads it: quoted parts and others, without a blank between them. */
const word = /(?:'[^']*'|"[^"]*"|[^\s'"])+/g;
const unquoted = (text: string) => text.replace(/'([^']*)'|"([^"]*)"/g, '$1$2');

function commandIn(line: string, place: string): DocumentedCommand {
  const words = (line.match(word) ?? []).map(unquoted);
  const comment = words.indexOf('#');
  const said = comment < 0 ? words : words.slice(0, comment);
  const first = said.findIndex((each) => !/^\w+=/.test(each));
  const env = Object.fromEntries(said.slice(0, first).map((each) => each.split('=', 2) as [string, string]));
  return { place, line, env, words: said.slice(first) };
}

/** Every command of the documents' shell blocks. */
export const commands: readonly DocumentedCommand[] = blocks
  .filter(({ language }) => language === 'sh')
  .flatMap(({ text, place }) =>
    text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => commandIn(line, place)),
  );

/** The words for farout: those after `farout` or `npm start --`; undefined when it is another program's command. */
export function faroutWords({ words }: DocumentedCommand): readonly string[] | undefined {
  const named = words.indexOf('farout');
  if (named === 0 || (named > 0 && words[0] === 'npx')) return words.slice(named + 1);
  return words[0] === 'npm' && words[1] === 'start' && words[2] === '--' ? words.slice(3) : undefined;
}
