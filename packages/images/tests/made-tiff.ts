const names = {
  width: 256,
  height: 257,
  bits: 258,
  compression: 259,
  photometric: 262,
  orientation: 274,
  samples: 277,
  rowsPerStrip: 278,
  faxOptions: 292,
  predictor: 317,
  extra: 338,
};
const tileNames = { tileWidth: 322, tileHeight: 323 };
export type Tags = Partial<Record<keyof typeof names | keyof typeof tileNames, number>>;

/** Writes a little-endian TIFF of one strip or tile; every tag has one value, so that bits stand for all samples. */
export function madeTiff(tags: Tags, pixels: readonly number[] | Uint8Array, bytes = pixels.length): Buffer {
  const tiled = tags.tileWidth !== undefined;
  const entries = Object.entries({ ...names, ...tileNames })
    .flatMap(([name, tag]) => (name in tags ? [[tag, tags[name as keyof Tags]!] as const] : []))
    .concat([[tiled ? 324 : 273, 8] as const, [tiled ? 325 : 279, bytes] as const])
    .sort(([a], [b]) => a - b);
  const directory = Buffer.alloc(2 + entries.length * 12 + 4);
  directory.writeUInt16LE(entries.length);
  entries.forEach(([tag, value], i) => {
    directory.writeUInt16LE(tag, 2 + i * 12);
    directory.writeUInt16LE(4, 4 + i * 12);
    directory.writeUInt32LE(1, 6 + i * 12);
    directory.writeUInt32LE(value, 10 + i * 12);
  });
  const head = Buffer.from('II*\0\0\0\0\0', 'latin1');
  head.writeUInt32LE(8 + pixels.length, 4);
  return Buffer.concat([head, Buffer.from(pixels), directory]);
}
