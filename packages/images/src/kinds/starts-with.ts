/** Whether `signature`, one character a byte, stands in a file at `offset`. */
export const startsWith = (bytes: Uint8Array, signature: string, offset = 0): boolean =>
  Buffer.from(signature, 'latin1').every((byte, i) => bytes[offset + i] === byte);
