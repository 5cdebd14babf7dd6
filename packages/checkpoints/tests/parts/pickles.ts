/*
 * Pickles written instruction by instruction, as pickletools shows those of torch.save: text is what it stands for in
 * Latin-1, so that '(' is MARK, 't' TUPLE, 'R' REDUCE.
 */
export const bytes = (...parts: (string | Uint8Array)[]): Buffer =>
  Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part, 'latin1') : part)));

/** BINUNICODE. */
export function text(value: string): Buffer {
  const content = Buffer.from(value, 'utf8');
  const length = Buffer.alloc(4);
  length.writeUInt32LE(content.length);
  return bytes('X', length, content);
}

/** LONG1 of eight bytes: holds sizes of any kind. */
export function integer(value: number | bigint): Buffer {
  const content = Buffer.alloc(8);
  content.writeBigInt64LE(BigInt(value));
  return bytes('\x8a\x08', content);
}

export const tuple = (...items: (string | Uint8Array)[]): Buffer => bytes('(', ...items, 't');
export const global = (module: string, name: string): string => `c${module}\n${name}\n`;
export const program = (...parts: (string | Uint8Array)[]): Buffer => bytes('\x80\x02', ...parts, '.');

export interface TensorText {
  readonly key?: string;
  readonly type?: string;
  /** Elements of the storage. */
  readonly length: number | bigint;
  readonly offset?: number | bigint;
  readonly shape: readonly (number | bigint)[];
  readonly strides: readonly (number | bigint)[];
}

const noHooks = bytes(global('collections', 'OrderedDict'), ')R');

/** _rebuild_tensor_v2(storage, offset, shape, strides, False, OrderedDict()). */
export const tensor = ({ key = '0', type = 'FloatStorage', length, offset = 0, shape, strides }: TensorText): Buffer =>
  bytes(
    global('torch._utils', '_rebuild_tensor_v2'),
    '(',
    bytes(tuple(text('storage'), global('torch', type), text(key), text('cpu'), integer(length)), 'Q'),
    integer(offset),
    tuple(...shape.map(integer)),
    tuple(...strides.map(integer)),
    '\x89',
    noHooks,
    'tR',
  );

/** _rebuild_parameter(tensor, True, OrderedDict()). */
export const parameter = (data: Buffer): Buffer =>
  bytes(global('torch._utils', '_rebuild_parameter'), tuple(data, '\x88', noHooks), 'R');

export const dictionary = (entries: Readonly<Record<string, string | Uint8Array>>): Buffer =>
  bytes('}(', ...Object.entries(entries).flatMap(([name, value]) => [text(name), value]), 'u');
