import { createHash } from 'node:crypto';

/** SHA-256, hexadecimal, of bytes or of parts that follow one another. */
export function hashBytes(bytes: Uint8Array | readonly Uint8Array[]): string {
  const hash = createHash('sha256');
  for (const part of bytes instanceof Uint8Array ? [bytes] : bytes) hash.update(part);
  return hash.digest('hex');
}

/** SHA-256 of plain data, hexadecimal: of its JSON, so that the order of keys counts. */
export const hashData = (data: unknown): string => createHash('sha256').update(JSON.stringify(data)).digest('hex');
