import { bytes } from './pickles.ts';

/** A file of the format safetensors: https://github.com/huggingface/safetensors#format. `length` is said instead of the truth. */
export function safetensors(header: unknown, data: Uint8Array = Buffer.alloc(0), length?: bigint): Buffer {
  const json = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
  return bytes(new Uint8Array(BigUint64Array.of(length ?? BigInt(json.length)).buffer), json, data);
}
