/** A number with its noun: `1 image`, `2 images`, `2 passes` if `plural` is given. */
export const amount = (count: number, noun: string, plural = `${noun}s`): string =>
  `${count} ${count === 1 ? noun : plural}`;
