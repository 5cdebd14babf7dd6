import { editDistance } from './edit-distance.ts';

/**
 * The nearest of `names` to a mistyped `word`, as a sentence, or undefined when none is near: at most a third of the
 * longer word's letters may differ, two that are swapped counting as one.
 */
export function didYouMean(word: string, names: readonly string[]): string | undefined {
  const ranked = names
    .filter((name) => Math.abs(name.length - word.length) <= mostEdits(word, name))
    .map((name) => ({ name, edits: editDistance(word.toLowerCase(), name.toLowerCase()) }))
    .filter(({ name, edits }) => edits <= mostEdits(word, name))
    .sort((a, b) => a.edits - b.edits);
  return ranked[0] && `Did you mean "${ranked[0].name}"?`;
}

const mostEdits = (word: string, name: string) => Math.max(word.length, name.length) / 3;
