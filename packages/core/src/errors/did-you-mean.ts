import { distance } from 'fastest-levenshtein';

/**
 * The nearest of `names` to a mistyped `word`, as a sentence, or undefined when none is near: at most a third of the
 * longer word's letters may differ.
 */
export function didYouMean(word: string, names: readonly string[]): string | undefined {
  const ranked = names
    .map((name) => ({ name, edits: distance(word.toLowerCase(), name.toLowerCase()) }))
    .filter(({ name, edits }) => edits <= Math.max(word.length, name.length) / 3)
    .sort((a, b) => a.edits - b.edits);
  return ranked[0] && `Did you mean "${ranked[0].name}"?`;
}
