import { markBytes } from '@farout/runner/images';

/** What an image's SHA-256, hexadecimal, is known by. */
export const markOf = (hash: string): string => hash.slice(0, 2 * markBytes);

/** The marks that a description holds, hexadecimal. */
export function marksOf(base64: string): string[] {
  const hex = Buffer.from(base64, 'base64').toString('hex');
  return Array.from({ length: Math.floor(hex.length / (2 * markBytes)) }, (_, at) =>
    hex.slice(2 * markBytes * at, 2 * markBytes * (at + 1)),
  );
}
