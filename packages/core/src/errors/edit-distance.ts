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
