/** So many images are named in a file by their contents. */
export const mostContents = 100_000;

/** A content is known by so many bytes of its SHA-256: of 100,000 images and as many others, two are confused in one file of 28,000. */
export const markBytes = 6;

/** What an image's SHA-256, hexadecimal, is known by. */
export const markOf = (hash: string): string => hash.slice(0, 2 * markBytes);

/** The marks that a description holds, hexadecimal. */
export function marksOf(base64: string): string[] {
  const hex = Buffer.from(base64, 'base64').toString('hex');
  return Array.from({ length: Math.floor(hex.length / (2 * markBytes)) }, (_, at) =>
    hex.slice(2 * markBytes * at, 2 * markBytes * (at + 1)),
  );
}
