import { createHash } from 'node:crypto';

/** SHA-256, hexadecimal. */
export const hashBytes = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** SHA-256 of plain data, hexadecimal: of its JSON, so that the order of keys counts. */
export const hashData = (data: unknown): string => createHash('sha256').update(JSON.stringify(data)).digest('hex');
