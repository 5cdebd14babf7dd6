import { editDistance } from './edit-distance.ts';

/**
 * The nearest of `names` to a mistyped `word`, as a sentence, or undefined when none is near: at most a third of the
 * longer word's letters may differ, two that are swapped counting as one; else one of which it is a short form.
 */
export function didYouMean(word: string, names: readonly string[]): string | undefined {
  const ranked = names
    .filter((name) => Math.abs(name.length - word.length) <= mostEdits(word, name))
    .map((name) => ({ name, edits: editDistance(word.toLowerCase(), name.toLowerCase()) }))
    .filter(({ name, edits }) => edits <= mostEdits(word, name))
    .sort((a, b) => a.edits - b.edits);
  const meant = ranked[0]?.name ?? shortForm(word, names);
  return meant === undefined ? undefined : `Did you mean "${meant}"?`;
}

/** What a short form of at least three letters stands for: `fpr` for fpr95, `folder` for image-folder, `auc` for auroc. */
function shortForm(word: string, names: readonly string[]): string | undefined {
  const short = word.toLowerCase();
  if (short.length < 3) return undefined;
  const tests = [
    (name: string) => name.startsWith(short),
    (name: string) => name.split(/[-_. ]/).includes(short),
    (name: string) => name.length >= 3 && short.startsWith(name),
    (name: string) => name.length <= 2 * short.length && name.startsWith(short.charAt(0)) && hasInOrder(name, short),
  ];
  for (const test of tests) {
    const found = names.find((name) => test(name.toLowerCase()));
    if (found !== undefined) return found;
  }
  return undefined;
}

const mostEdits = (word: string, name: string) => Math.max(word.length, name.length) / 3;

/** Whether a name has all letters of a word, in its order. */
function hasInOrder(name: string, word: string): boolean {
  let at = 0;
  for (const letter of name) if (letter === word[at]) at++;
  return at === word.length;
}
