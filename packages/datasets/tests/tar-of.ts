/** What a tar's header says, where it differs from that of a plain file. */
export interface TarPart {
  readonly name: string;
  readonly content?: string;
  readonly type?: string;
  /** In octal, as it is written. */
  readonly size?: string;
  readonly sum?: string;
  readonly link?: string;
}

/** A header of ustar and the content behind it, a character a byte. */
export function tarPart({ name, content = '', type = '0', size, sum, link = '' }: TarPart): string {
  const octal = size ?? `${content.length.toString(8).padStart(11, '0')}\0`;
  const head = (check: string) =>
    [
      name.padEnd(100, '\0'),
      '0000644\0'.repeat(3),
      octal,
      '00000000000\0',
      check,
      type,
      link.padEnd(100, '\0'),
      'ustar\x0000',
      '\0'.repeat(247),
    ].join('');
  const bytes = Buffer.from(head(' '.repeat(8)), 'latin1');
  const counted = bytes.reduce((total, byte) => total + byte, 0);
  const padding = '\0'.repeat((512 - (content.length % 512)) % 512);
  return head(sum ?? `${counted.toString(8).padStart(6, '0')}\0 `) + content + padding;
}

/** pax's records before an entry. */
export function pax(records: Readonly<Record<string, string>>, type = 'x'): string {
  const content = Object.entries(records)
    .map(([key, value]) => {
      const rest = ` ${key}=${value}\n`;
      const digits = String(rest.length).length;
      const length = rest.length + digits;
      return `${String(length).length > digits ? length + 1 : length}${rest}`;
    })
    .join('');
  return tarPart({ name: 'pax', content, type });
}

/** An archive of these parts. */
export const tarOf = (...parts: (TarPart | string)[]) => ({
  bytes: parts.map((part) => (typeof part === 'string' ? part : tarPart(part))).join('') + '\0'.repeat(1024),
});
