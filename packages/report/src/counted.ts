const inEnglish = new Intl.NumberFormat('en-US');

/** A number of things: `1 image`, `50,000 images`. */
export const counted = (count: number, thing: string): string =>
  `${inEnglish.format(count)} ${thing}${count === 1 ? '' : 's'}`;
