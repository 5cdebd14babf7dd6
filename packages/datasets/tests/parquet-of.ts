import { writeFileSync } from 'node:fs';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { parquetWriteBuffer } from 'hyparquet-writer';

/** A row as the hub has it. */
export interface Row {
  readonly bytes: Uint8Array | null;
  readonly label?: bigint | null;
}

/** Bytes of an image number; nobody decodes them here. Some are no UTF-8, as those of images are not. */
export const bytesOf = (number: number) => Uint8Array.from({ length: 40 }, (_, i) => (137 + 31 * number + 7 * i) % 256);

/** As many rows as wished, of classes 0, 1, 2, 0, … */
export const rowsOf = (count: number): Row[] =>
  Array.from({ length: count }, (_, i) => ({ bytes: bytesOf(i), label: BigInt(i % 3) }));

const column = { repetition_type: 'OPTIONAL' } as const;
const schema = [
  { name: 'root', num_children: 2 },
  { name: 'image', num_children: 2, ...column },
  { name: 'bytes', type: 'BYTE_ARRAY', ...column },
  { name: 'path', type: 'BYTE_ARRAY', converted_type: 'UTF8', ...column },
  { name: 'label', type: 'INT64', ...column },
] as const;

/** What a Parquet file can look like besides its rows. */
export interface Layout {
  readonly rowGroupSize?: number;
  readonly codec?: 'SNAPPY' | 'UNCOMPRESSED' | 'GZIP' | 'BROTLI' | 'LZ4';
  /** What the hub adds to the footer. */
  readonly huggingface?: string;
}

/** A file like those of the hub: `image: { bytes, path }` and `label`. */
export function parquetOf(
  rows: readonly Row[],
  { rowGroupSize = 4, codec = 'SNAPPY', huggingface }: Layout = {},
): Uint8Array {
  const image = rows.map(({ bytes }, i) => ({ bytes, path: `${i}.png` }));
  const label = rows.map(({ label = null }) => label);
  const columnData = [
    { name: 'image', data: image },
    { name: 'label', data: label },
  ];
  const compressors = {
    GZIP: (bytes: Uint8Array) => new Uint8Array(gzipSync(bytes)),
    BROTLI: (bytes: Uint8Array) => new Uint8Array(brotliCompressSync(bytes)),
    LZ4: (bytes: Uint8Array) => bytes,
  };
  const kvMetadata = huggingface === undefined ? [] : [{ key: 'huggingface', value: huggingface }];
  return new Uint8Array(
    parquetWriteBuffer({ columnData, schema: [...schema], rowGroupSize, codec, compressors, kvMetadata }),
  );
}

/** Writes such a file. */
export const writeImages = (file: string, rows: readonly Row[], layout?: Layout): void =>
  writeFileSync(file, parquetOf(rows, layout));
