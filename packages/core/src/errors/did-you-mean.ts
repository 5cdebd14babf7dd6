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

const mostEdits = (word: string, name: string) => Math.max(word.length, name.length) / 3;

/**
 * How many slips of the pen lie between two words: letters left out, put in, taken for another, or swapped with their
 * neighbour; the optimal string alignment distance, which changes no letter twice.
 *
 * Damerau, "A technique for computer detection and correction of spelling errors", Communications of the ACM, 1964.
 */
export function editDistance(word: string, other: string): number {
  let before: number[] = [];
  let last = Array.from({ length: other.length + 1 }, (_, column) => column);
  for (let row = 1; row <= word.length; row++) {
    const current = [row];
    for (let column = 1; column <= other.length; column++) {
      const replaced = last[column - 1]! + Number(word[row - 1] !== other[column - 1]);
      const isSwap = row > 1 && word[row - 2] === other[column - 1] && word[row - 1] === other[column - 2];
      const swapped = isSwap ? before[column - 2]! + 1 : Infinity;
      current.push(Math.min(current[column - 1]! + 1, last[column]! + 1, replaced, swapped));
    }
    [before, last] = [last, current];
  }
  return last[other.length]!;
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

/** Whether a name has all letters of a word, in its order. */
function hasInOrder(name: string, word: string): boolean {
  let at = 0;
  for (const letter of name) if (letter === word[at]) at++;
  return at === word.length;
}
