/** Identifies a draw; the draw depends on nothing else. */
export interface DrawKey {
  readonly seed: number;
  /** Distinguishes the set from others drawn with the same seed. */
  readonly set: string;
  /** The draw's number, 0, 1, … */
  readonly draw: number;
}

/**
 * A bootstrap draw of a set: as many images as it has, drawn with replacement, as the count of each image. The same on every machine.
 *
 * @param counts - Receives the counts, one per image. A count above 255 does not happen: its probability is below 1e-500.
 * @param groups - The group of each image, 0, 1, …; a group's images are drawn together, and as many groups are drawn as there are.
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

/** Group numbers, 0, 1, … in order of appearance, from the group name of each image; an image without a name is its own group. */
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

/** The number of groups. */
export const groupCount = (groups: Int32Array): number => groups.reduce((most, group) => Math.max(most, group), -1) + 1;

/** Chris Doty-Humphrey's sfc32 from PractRand; its state is kept in local variables, which is several times as fast. */
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

/** The generator's first outputs still resemble its seed, so they are skipped. */
const settling = 16;

/** A 32-bit hash of a text and a number: FNV-1a over UTF-16, with the final mix of MurmurHash3. */
function hash(text: string, start: number): number {
  let bits = 0x811c9dc5 ^ start;
  for (let at = 0; at < text.length; at++) bits = Math.imul(bits ^ text.charCodeAt(at), 0x01000193);
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return bits ^ (bits >>> 16);
}

/** The smallest of some numbers such that at least this share of them is no larger. */
export const quantile = (ascending: ArrayLike<number>, share: number): number =>
  ascending[Math.max(Math.ceil(share * ascending.length) - 1, 0)]!;
