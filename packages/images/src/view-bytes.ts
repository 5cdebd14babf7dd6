/** The same memory as a Buffer, which reads numbers and refuses to read beyond its end. */
export const viewBytes = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
