/** Which draw it is: nothing else decides it. */
export interface DrawKey {
  readonly seed: number;
  /** What tells the set from the others that are drawn with this seed. */
  readonly set: string;
  /** The draw's number, 0, 1, … */
  readonly draw: number;
}

/**
 * A bootstrap draw of a set: as many images as it has, with replacement, as how often each came. The same on every machine.
 *
 * @param counts - Takes the counts, one for each image. One of more than 255 does not happen: its probability is below 1e-500.
 * @param groups - The group of each image, 0, 1, …; a group's images are drawn together, as many groups as there are.
 */
export function drawCounts(key: DrawKey, counts: Uint8Array, groups?: Int32Array): void {
  if (!groups) {
    drawInto(key, counts);
    return;
  }
  const ofGroups = new Uint8Array(groupCount(groups));
  drawInto(key, ofGroups);
  for (let image = 0; image < counts.length; image++) counts[image] = ofGroups[groups[image]!]!;
}

/** Numbers of groups, 0, 1, …, in the order in which they come, by the name of each image's; an image without one is a group of its own. */
export function groupNumbers(names: readonly (string | undefined)[]): Int32Array {
  const numbers = new Map<string, number>();
  let next = 0;
  return Int32Array.from(names, (name) => {
    if (name === undefined) return next++;
    const known = numbers.get(name);
    if (known !== undefined) return known;
    numbers.set(name, next);
    return next++;
  });
}

/** How many groups there are. */
export const groupCount = (groups: Int32Array): number => groups.reduce((most, group) => Math.max(most, group), -1) + 1;

/** Chris Doty-Humphrey's sfc32 of PractRand; its state is held in variables of this function, which is several times as fast. */
function drawInto({ seed, set, draw }: DrawKey, counts: Uint8Array): void {
  counts.fill(0);
  const share = counts.length / 2 ** 32;
  let [a, b, c, counter] = [
    hash(set, seed | 0),
    hash(set, ~Math.floor(seed / 2 ** 32)),
    Math.imul(draw + 1, 0x9e3779b9),
    1,
  ];
  for (let turn = -settling; turn < counts.length; turn++) {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    if (turn >= 0) counts[((sum >>> 0) * share) | 0]!++;
  }
}

/** What the generator gives first still looks like its seed. */
const settling = 16;

/** 32 bits of a text and a number: FNV-1a over UTF-16, mixed as MurmurHash3 ends. */
function hash(text: string, start: number): number {
  let bits = 0x811c9dc5 ^ start;
  for (let at = 0; at < text.length; at++) bits = Math.imul(bits ^ text.charCodeAt(at), 0x01000193);
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return bits ^ (bits >>> 16);
}

/** The smallest of some numbers up to which at least this share of them lies. */
export const quantile = (ascending: ArrayLike<number>, share: number): number =>
  ascending[Math.max(Math.ceil(share * ascending.length) - 1, 0)]!;
