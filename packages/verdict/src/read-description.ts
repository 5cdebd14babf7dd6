import { FaroutError } from '@farout/core/errors';
import { descriptionKey, descriptionSchema, descriptionVersion, type Description } from './description.ts';

/** Random access to the bytes of a file or an array. */
export interface Source {
  readonly size: number;
  readonly read: (offset: number, length: number) => Promise<Uint8Array>;
}

/** A source of bytes in memory. */
export const sourceOf = (bytes: Uint8Array): Source => ({
  size: bytes.length,
  read: (offset, length) => Promise.resolve(bytes.subarray(offset, offset + length)),
});

/** The maximum size of a metadata entry, in bytes; a few thousand labels and scores need a hundredth of it. */
const mostBytes = 16 * 2 ** 20;

/**
 * Reads the description of an exported file. The graph and its weights are skipped without reading them. `name` is the file's name in
 * messages.
 *
 * @throws FaroutError OOD_DETECTOR_FILE_INVALID for a file that is not an ONNX model, was not written by `farout export`, or has another
 *   version of the description.
 */
export async function describedBy(source: Source, name: string): Promise<Description> {
  const text = await metadataOf(source, name);
  if (text === undefined)
    throw invalidFile(name, 'farout export did not write it', 'Write one with `farout export <run>`.');
  const said = parsed(text, name);
  const version = (said as { schemaVersion?: unknown } | null)?.schemaVersion;
  if (version !== descriptionVersion)
    throw invalidFile(
      name,
      `its description is of version ${version === undefined ? 'none' : JSON.stringify(version)}, not ${descriptionVersion}`,
      'Export it with this version of farout, or read it with the version that wrote it.',
    );
  const { data, error } = descriptionSchema.safeParse(said);
  if (data) return data;
  const [{ path, message } = { path: [], message: 'it is not a description' }] = error.issues;
  throw invalidFile(name, `its description is invalid: ${path.join('.')}: ${message}`, 'Export the detector again.');
}

function parsed(text: string, name: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw invalidFile(name, 'its description is not valid JSON', 'Export the detector again.');
  }
}

/** The fields of ONNX's ModelProto and of an entry of its metadata. */
const fields = { metadata: 14, key: 1, value: 2 };

/** A model has about twenty fields, plus one for each function and each metadata entry. */
const mostFields = 10_000;

/** More bytes than a field's number and length take. */
const mostHead = 20;

export const otherFile = 'Name a file that `farout export` wrote.';

/** Goes through the fields of the model and reads only its metadata entries. */
async function metadataOf(source: Source, name: string): Promise<string | undefined> {
  if (source.size === 0) throw invalidFile(name, 'it is empty', otherFile);
  for (let at = 0, count = 0; at < source.size; count++) {
    if (count === mostFields) throw invalidFile(name, `it has more than ${mostFields} fields`, otherFile);
    const field = fieldAt(await source.read(at, mostHead), 0);
    if (!field) throw invalidFile(name, 'it is not an ONNX model', otherFile);
    if (at + field.end > source.size)
      throw invalidFile(
        name,
        'it is not an ONNX model, or it is truncated',
        'Copy the file again, or use another one.',
      );
    if (field.number === fields.metadata) {
      if (field.length > mostBytes)
        throw invalidFile(
          name,
          `its metadata has an entry of ${Math.ceil(field.length / 2 ** 20)} MiB, more than 16`,
          otherFile,
        );
      const [key, value] = entryOf(await source.read(at + field.start, field.length));
      if (key === descriptionKey) return value;
    }
    at += field.end;
  }
  return undefined;
}

/** A byte order mark at the start is part of the text. */
const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

/** The key and the value of a metadata entry. */
function entryOf(bytes: Uint8Array): readonly [key: string, value: string] {
  const texts = new Map<number, string>();
  for (let at = 0; at < bytes.length;) {
    const field = fieldAt(bytes.subarray(at), 0);
    if (!field) break;
    texts.set(field.number, utf8.decode(bytes.subarray(at + field.start, at + field.end)));
    at += field.end;
  }
  return [texts.get(fields.key) ?? '', texts.get(fields.value) ?? ''];
}

interface Field {
  readonly number: number;
  /** Where its content starts, relative to the start of the field. */
  readonly start: number;
  readonly length: number;
  readonly end: number;
}

/** The field that starts here: a number, or length-prefixed bytes; undefined if there is none. */
function fieldAt(bytes: Uint8Array, from: number): Field | undefined {
  const tag = varintAt(bytes, from);
  if (!tag || tag.value < 8) return undefined;
  const [number, wire] = [Math.floor(tag.value / 8), tag.value % 8];
  const next = varintAt(bytes, tag.end);
  if (wire === 0 && next) return { number, start: tag.end, length: next.end - tag.end, end: next.end };
  if (wire === 2 && next) return { number, start: next.end, length: next.value, end: next.end + next.value };
  return undefined;
}

/** An integer in bytes of seven bits, lowest first; undefined if it does not end or exceeds any file size. */
function varintAt(bytes: Uint8Array, from: number): { readonly value: number; readonly end: number } | undefined {
  let value = 0;
  for (let at = from; at < Math.min(bytes.length, from + 8); at++) {
    value += (bytes[at]! & 127) * 128 ** (at - from);
    if (bytes[at]! < 128) return Number.isSafeInteger(value) ? { value, end: at + 1 } : undefined;
  }
  return undefined;
}

/** The error for a file that is not a detector. */
export const invalidFile = (name: string, why: string, fix: string) =>
  new FaroutError('OOD_DETECTOR_FILE_INVALID', `${name} cannot be used as a detector: ${why}`, { fix });
