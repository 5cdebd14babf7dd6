import { unreadable } from '../../unreadable.ts';
export function decodeZstandard(_input: Uint8Array, _output: Uint8Array): void {
  throw unreadable('foreign', 'zstd');
}
