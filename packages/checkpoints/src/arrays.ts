import { FaroutError, type StoredArray } from '@farout/core';
import { impostor, Refusal, shown, withFile, withSource, type ArrayPlace, type OpenFile } from './files.ts';
import { npyPlace } from './npy.ts';
import { safetensorsPlaces } from './safetensors.ts';
import { StoredZip } from './zip.ts';

/** The index of a file's arrays. */
interface ArrayIndex {
  /** Empty if the file has a single unnamed array. */
  readonly names: readonly string[];
  readonly place: (name: string) => Promise<ArrayPlace>;
}

/**
 * Opens an array of a .npy, .npz (`numpy.savez`) or safetensors file, whose rows are read on demand. The file is opened again for each
 * range of rows.
 *
 * @throws FaroutError OOD_MISSING_FILE; OOD_ARRAY_INVALID when the file is damaged, of another kind, or has no array of this name.
 */
export async function openArray(path: string, name: string): Promise<StoredArray> {
  const place = await inFile(path, async (file) => (await indexOf(file)).place(name));
  const { shape, start, size, decode } = place;
  if (shape.length === 0) throw invalid(path, `${quoted(name)} is a single number, and has no rows`);
  const [rows, ...sizes] = shape as [number, ...number[]];
  const width = sizes.reduce((product, each) => product * each, 1);
  return {
    shape,
    read: async (from, count) => {
      if (!(from >= 0 && count >= 0 && from + count <= rows))
        throw new RangeError(`rows ${from} to ${from + count} of ${rows}`);
      const bytes = await inFile(path, (file) =>
        file.read(start + from * width * size, count * width * size, `rows ${from} to ${from + count} of the array`),
      );
      return { data: decode(bytes.buffer), shape: [count, ...sizes] };
    },
  };
}

/** The names of the arrays of a file; none for a .npy file. Throws as `openArray` does. */
export const arrayNames = (path: string): Promise<readonly string[]> =>
  inFile(path, async (file) => (await indexOf(file)).names);

async function indexOf(file: OpenFile): Promise<ArrayIndex> {
  const begin = Buffer.from(await file.read(0, Math.min(8, file.size), 'the beginning')).toString('latin1');
  if (begin.startsWith('\x93NUMPY')) return { names: [], place: () => npyPlace(file, 0, file.size) };
  if (begin.startsWith('PK')) return zipIndex(await StoredZip.open(file), file);
  const wrong = await impostor(file, 'any');
  if (wrong && !begin.slice(0, 8).endsWith('\0\0')) throw wrong;
  const places = await safetensorsPlaces(file);
  return { names: [...places.keys()], place: async (name) => places.get(name) ?? (await lacking(name, places.keys())) };
}

function zipIndex(zip: StoredZip, file: OpenFile): ArrayIndex {
  const names = zip.names.filter((name) => name.endsWith('.npy')).map((name) => name.slice(0, -'.npy'.length));
  return {
    names,
    place: async (name) => {
      if (!names.includes(name)) await lacking(name, names);
      const { start, size } = await zip.checkedPlace(`${name}.npy`);
      return npyPlace(file, start, size);
    },
  };
}

const lacking = (name: string, names: Iterable<string>): Promise<never> =>
  Promise.reject(
    new Refusal(
      `it has no array ${quoted(name)}`,
      `It has ${[...names].map(quoted).join(', ') || 'none'}: save the array under the name ${quoted(name)}.`,
    ),
  );

const quoted = (name: string) => `"${shown(name)}"`;

async function inFile<T>(path: string, use: (file: OpenFile) => Promise<T>): Promise<T> {
  try {
    return await withFile(path, use);
  } catch (error) {
    throw withSource(error, 'OOD_ARRAY_INVALID', path);
  }
}

const invalid = (path: string, what: string) =>
  new FaroutError('OOD_ARRAY_INVALID', `${path}: ${what}`, { fix: 'Save an array whose first axis is its rows.' });
