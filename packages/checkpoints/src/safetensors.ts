import { z } from '@farout/core';
import { Refusal, shown, type ArrayPlace, type OpenFile } from './files.ts';
import {
  elementTypes,
  largestDescription,
  StorageRecord,
  TensorRecord,
  type ElementType,
  type OpenedCheckpoint,
} from './torch/records.ts';

/** The element types of weights, by the format's names. */
const types = new Map<string, ElementType>([
  ['F32', elementTypes.float32],
  ['F16', elementTypes.float16],
  ['BF16', elementTypes.bfloat16],
  ['F64', elementTypes.float64],
  ['I64', elementTypes.int64],
]);

/** Text that users may add; it is ignored. */
const metadata = '__metadata__';

const size = z.int().nonnegative();
const description = z.strictObject({
  dtype: z.string(),
  shape: z.array(size),
  data_offsets: z.tuple([size, size]),
});

/** A tensor and the location of its bytes, relative to the end of the header. */
interface Place {
  readonly tensor: TensorRecord;
  readonly begin: number;
  readonly end: number;
}

/**
 * Opens a file of the format safetensors: the length of the header as uint64, the header, a JSON object of `name: { dtype, shape,
 * data_offsets }`, and the tensors' bytes, one after the other without gaps. https://github.com/huggingface/safetensors#format
 */
export async function openSafetensors(file: OpenFile): Promise<OpenedCheckpoint> {
  const { start, places } = await readHeader(file);
  return {
    root: new Map([...places].map(([name, { tensor }]) => [name, tensor])),
    load: async ({ key, bytes }) =>
      (await file.read(start + places.get(key)!.begin, bytes, `tensor "${shown(key)}"`)).buffer,
  };
}

/** The locations of the arrays in such a file, by name. */
export async function safetensorsPlaces(file: OpenFile): Promise<ReadonlyMap<string, ArrayPlace>> {
  const { start, places } = await readHeader(file);
  const all = [...places].map(([name, { tensor, begin }]): [string, ArrayPlace] => {
    const { size, decode } = tensor.storage.type;
    return [name, { shape: tensor.shape, start: start + begin, size, decode: decode! }];
  });
  return new Map(all);
}

/** The tensors described by the header, and where their bytes start. */
async function readHeader(file: OpenFile): Promise<{ start: number; places: ReadonlyMap<string, Place> }> {
  const start = 8 + (await headerLength(file));
  const header = Buffer.from(await file.read(8, start - 8, 'the header')).toString('utf8');
  const places = new Map<string, Place>();
  for (const [name, value] of parseHeader(header)) {
    if (name !== metadata) places.set(name, placeOf(name, value));
  }
  checkLayout(places, file.size - start);
  return { start, places };
}

async function headerLength(file: OpenFile): Promise<number> {
  const length = new DataView((await file.read(0, 8, 'the length of the header')).buffer).getBigUint64(0, true);
  if (length <= largestDescription) return Number(length);
  throw new Refusal(`its header has ${length.toString()} bytes, more than the maximum of ${largestDescription}`);
}

function placeOf(name: string, value: unknown): Place {
  const { success, data } = description.safeParse(value);
  if (!success)
    throw new Refusal(`its header describes "${shown(name)}" otherwise than by dtype, shape and data_offsets`);
  const {
    dtype,
    shape,
    data_offsets: [begin, end],
  } = data;
  const type = types.get(dtype);
  if (!type) {
    const fix = `Convert it; supported types: ${[...types.keys()].join(', ')}.`;
    throw new Refusal(`its tensor "${shown(name)}" has the unsupported type ${shown(dtype)}`, fix);
  }
  const length = shape.includes(0) ? 0 : shape.reduce((product, each) => product * each, 1);
  if (end - begin !== length * type.size) {
    throw new Refusal(
      `its tensor "${shown(name)}" spans bytes ${begin} to ${end}, but (${shape.join(', ')}) of ${dtype} takes ${length * type.size} bytes`,
    );
  }
  return { tensor: new TensorRecord(new StorageRecord(name, type, length), 0, shape, rowMajor(shape)), begin, end };
}

/** The strides of a row-major tensor. */
const rowMajor = (shape: readonly number[]) =>
  shape.map((_, axis) => shape.slice(axis + 1).reduce((stride, size) => stride * size, 1));

/** Tensors must fill the rest of the file without overlap, so nothing is read twice and nothing is hidden between them. */
function checkLayout(places: ReadonlyMap<string, Place>, length: number): void {
  let position = 0;
  for (const [name, { begin, end }] of [...places].sort(([, a], [, b]) => a.begin - b.begin || a.end - b.end)) {
    if (begin !== position) {
      throw new Refusal(
        `its tensor "${shown(name)}" begins at byte ${begin}, where the one before ends at ${position}`,
      );
    }
    position = end;
  }
  if (position !== length) throw new Refusal(`its tensors end at byte ${position} of ${length}`);
}

/** A header contains tensors by name, each with a list of sizes, and nothing deeper. */
const deepest = 3;

/** The maximum number of brackets and strings; 30,000 tensors have 330,000. A token of three bytes may take a hundred bytes of memory. */
const mostTokens = 500_000;

/**
 * The next bracket, or string, with the colon that makes it a key. An unterminated string also matches; otherwise each of its quotation
 * marks would be tried as a start.
 */
const token = /[[\]{}]|("[^"\\]*(?:\\.[^"\\]*)*\\?(?:"|$))(\s*:)?/gs;

/**
 * Parses the JSON header of a safetensors file into entries, in order.
 *
 * @throws Refusal for any other text, for deeper nesting, and for duplicate keys, of which JSON.parse would keep the last.
 */
function parseHeader(text: string): [string, unknown][] {
  checkStructure(text);
  return Object.entries(parseJson(text) as object);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Refusal('its header is not JSON', undefined, { cause });
  }
}

function checkStructure(text: string): void {
  const open: Set<string>[] = [];
  let count = 0;
  for (const [bracket, key, colon] of text.matchAll(token)) {
    if (++count > mostTokens) throw new Refusal(`its header has more than ${mostTokens} brackets and strings`);
    if (bracket === '{' || bracket === '[') {
      if (open.push(new Set()) > deepest) throw new Refusal(`its header is nested more than ${deepest} deep`);
    } else if (bracket === '}' || bracket === ']') open.pop();
    else if (key !== undefined && colon !== undefined) addKey(open.at(-1), parseJson(key) as string);
  }
}

function addKey(keys: Set<string> | undefined, key: string): void {
  if (keys?.has(key)) throw new Refusal(`its header has the key "${shown(key)}" twice`);
  keys?.add(key);
}
