/** What a header says; what is absent is as usual. */
export interface TarEntry {
  readonly name: string | Buffer;
  readonly content?: Buffer | string;
  readonly type?: string;
  readonly link?: string;
  /** What the header says, whatever the content is. */
  readonly size?: number;
  readonly magic?: string;
}

/** A header of 512 bytes (ustar), its content and padding. */
export function tarEntry({ name, content = '', type = '0', link = '', size, magic = 'ustar\0' }: TarEntry): Buffer {
  const data = Buffer.from(content);
  const header = Buffer.alloc(512);
  Buffer.from(name).copy(header, 0, 0, 100);
  header.write('0000644\0', 100);
  header.write(`${(size ?? data.length).toString(8).padStart(11, '0')}\0`, 124);
  header.write('00000000000\0', 136);
  header.fill(' ', 148, 156);
  header.write(type, 156);
  header.write(link, 157);
  header.write(`${magic}00`, 257, 'latin1');
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return Buffer.concat([header, data, Buffer.alloc((512 - (data.length % 512)) % 512)]);
}

/** A header of pax before an entry. */
export function pax(records: Readonly<Record<string, string>>, type = 'x'): Buffer {
  const lines = Object.entries(records).map(([key, value]) => {
    const rest = Buffer.byteLength(` ${key}=${value}\n`);
    const length = [1, 2, 3, 4].map((digits) => rest + digits).find((all) => String(all).length === all - rest);
    return `${length ?? 0} ${key}=${value}\n`;
  });
  return tarEntry({ name: 'PaxHeaders/x', content: lines.join(''), type });
}

export const tarEnd = Buffer.alloc(1024);

export const tar = (...parts: readonly (TarEntry | Buffer)[]): Buffer =>
  Buffer.concat([...parts.map((part) => (Buffer.isBuffer(part) ? part : tarEntry(part))), tarEnd]);
