import { safetensors } from '../parts/safetensors.ts';
import type { HostileFile } from './hostile-files.ts';

const data = Buffer.alloc(24);
const weight = { dtype: 'F32', shape: [2, 3], data_offsets: [0, 24] };
const described = (change: object) => safetensors({ w: { ...weight, ...change } }, data);
const header = (text: string) => safetensors(text, data);

/** As many bytes of a header as are read. */
const most = 2 ** 22;
const objects = Array.from({ length: most / 10 }, (_, i) => `"${i.toString(36)}":{}`).join();

export const hostileSafetensors = (): HostileFile[] => [
  { title: 'a header of 2⁶³ bytes', bytes: safetensors('{}', data, 2n ** 63n), message: /9223372036854775808 bytes/ },
  {
    title: 'a header of 2⁶⁴ − 1 bytes',
    bytes: safetensors('{}', data, 2n ** 64n - 1n),
    message: /18446744073709551615/,
  },
  { title: 'a header past its end', bytes: safetensors('{}', data, 4_000_000n), message: /would end at byte 4000008/ },
  { title: 'a header of 100 MB of lists', bytes: header(`{"w":${'['.repeat(1e8)}`), message: /100000005 bytes, more/ },
  { title: 'a header of 4 MB of lists', bytes: header(`{"w":${'['.repeat(most - 100)}`), message: /more than 3 deep/ },
  { title: 'a header of 4 MB of objects', bytes: header(`{${objects}}`), message: /more than 500000 brackets/ },
  {
    title: 'a header of 4 MB of sizes',
    bytes: header(`{"w":{"shape":[${'1,'.repeat(2e6)}1]}}`),
    message: /describes "w"/,
  },
  { title: 'a header of 4 MB of escapes', bytes: header(`{"${'\\"'.repeat(2e6)}`), message: /not JSON/ },
  { title: 'a header that is no JSON', bytes: header('{"w"}'), message: /not JSON/ },
  { title: 'a name twice', bytes: header('{"w":{},"w":{}}'), message: /the key "w" twice/ },
  { title: 'a type twice', bytes: header('{"w":{"dtype":"F32","dtype":"F64"}}'), message: /the key "dtype" twice/ },
  { title: 'an unknown type', bytes: described({ dtype: 'F4' }), message: /unsupported type F4/ },
  {
    title: 'a type that is JavaScript',
    bytes: described({ dtype: '__proto__' }),
    message: /unsupported type __proto__/,
  },
  {
    title: 'a shape beyond any number',
    bytes: described({ shape: Array(16).fill(2 ** 52) }),
    message: /takes \S+ bytes/,
  },
  { title: 'a negative size in a header', bytes: described({ shape: [-6] }), message: /describes "w"/ },
  { title: 'bytes past the end', bytes: described({ shape: [2 ** 40], data_offsets: [0, 2 ** 42] }), message: /of 24/ },
  { title: 'offsets in the wrong order', bytes: described({ data_offsets: [24, 0] }), message: /spans bytes 24 to 0/ },
  { title: 'negative offsets', bytes: described({ data_offsets: [-24, 0] }), message: /describes "w"/ },
  { title: 'bytes that no tensor has', bytes: safetensors({}, data), message: /end at byte 0 of 24/ },
  {
    title: 'tensors that share bytes',
    bytes: safetensors({ a: weight, b: weight }, data),
    message: /"b" begins at byte 0, where the one before ends at 24/,
  },
  { title: 'tensors that break off', bytes: safetensors({ w: weight }, data.subarray(1)), message: /byte 24 of 23/ },
];
