import { z } from '@farout/core';
import type { OpenFile } from './files.ts';
import { Refusal } from './refusal.ts';
import { parseHeader } from './safetensors/parse-header.ts';
import { shown } from './shown.ts';
import { elementTypes, type ElementType } from './torch/element-types.ts';
import { largestDescription, type OpenedCheckpoint } from './torch/opened-checkpoint.ts';
import { TensorRecord } from './torch/records.ts';
import { StorageRecord } from './torch/storage-record.ts';

/** The element types that weights have, by the format's names. */
const types = new Map<string, ElementType>([
  ['F32', elementTypes.float32],
  ['F16', elementTypes.float16],
  ['BF16', elementTypes.bfloat16],
  ['F64', elementTypes.float64],
  ['I64', elementTypes.int64],
]);

/** Text that users may add; nothing reads it here. */
const metadata = '__metadata__';

const size = z.int().nonnegative();
const description = z.strictObject({
  dtype: z.string(),
  shape: z.array(size),
  data_offsets: z.tuple([size, size]),
});

/** A tensor and where its bytes lie, counted from the end of the header. */
interface Place {
  readonly tensor: TensorRecord;
  readonly begin: number;
  readonly end: number;
}

/**
 * Opens a file of the format safetensors: the length of the header as uint64, the header, a JSON object of
 * `name: { dtype, shape, data_offsets }`, and the tensors' bytes, one after the other without holes.
 * https://github.com/huggingface/safetensors#format
 */
export async function openSafetensors(file: OpenFile): Promise<OpenedCheckpoint> {
  const start = 8 + (await headerLength(file));
  const header = Buffer.from(await file.read(8, start - 8, 'the header')).toString('utf8');
  const places = new Map<string, Place>();
  for (const [name, value] of parseHeader(header)) {
    if (name !== metadata) places.set(name, placeOf(name, value));
  }
  checkLayout(places, file.size - start);
  return {
    root: new Map([...places].map(([name, { tensor }]) => [name, tensor])),
    load: async ({ key, bytes }) =>
      (await file.read(start + places.get(key)!.begin, bytes, `tensor "${shown(key)}"`)).buffer,
  };
}

async function headerLength(file: OpenFile): Promise<number> {
  const length = new DataView((await file.read(0, 8, 'the length of the header')).buffer).getBigUint64(0, true);
  if (length <= largestDescription) return Number(length);
  throw new Refusal(`its header has ${length.toString()} bytes, more than the ${largestDescription} that are read`);
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
    const fix = `Convert it; read are ${[...types.keys()].join(', ')}.`;
    throw new Refusal(`its tensor "${shown(name)}" holds numbers of the type ${shown(dtype)}`, fix);
  }
  const length = shape.includes(0) ? 0 : shape.reduce((product, each) => product * each, 1);
  if (end - begin !== length * type.size) {
    throw new Refusal(
      `its tensor "${shown(name)}" lies from byte ${begin} to ${end}, but (${shape.join(', ')}) of ${dtype} takes ${length * type.size} bytes`,
    );
  }
  return { tensor: new TensorRecord(new StorageRecord(name, type, length), 0, shape, rowMajor(shape)), begin, end };
}

/** Strides of a tensor whose last axis lies side by side. */
const rowMajor = (shape: readonly number[]) =>
  shape.map((_, axis) => shape.slice(axis + 1).reduce((stride, size) => stride * size, 1));

/** Tensors fill the rest of the file and share no byte: so nothing is read twice, and nothing hides between them. */
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
