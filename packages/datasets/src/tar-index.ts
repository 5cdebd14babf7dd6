import type { FaroutError } from '@farout/core';
import type { PackedFile } from './packed-file.ts';

/** A file or a folder within a tar. */
export interface TarEntry {
  /** With forward slashes, without `./` in front and `/` behind. */
  readonly name: string;
  readonly folder: boolean;
  /** Where its content lies in the archive. */
  readonly offset: number;
  readonly length: number;
}

/** What a tar holds, in its order. */
export interface TarIndex {
  readonly entries: readonly TarEntry[];
  /** Links, devices and whatever else is neither a file nor a folder: by name. */
  readonly others: readonly string[];
}

const block = 512;
/** ImageNet's training set has 1.3 million; more would fill memory. */
const mostEntries = 5_000_000;
/** The longest name, and the longest header that holds one. */
const mostNameBytes = 2 ** 12;
const mostHeaderBytes = 2 ** 16;

/** What headers before an entry say of it: GNU's long names and pax's records. */
interface Ahead {
  path?: string;
  size?: number;
  /** That its content is not one run of bytes. */
  sparse?: boolean;
}

/**
 * Reads the headers of a tar (ustar, pax, GNU) that takes a stretch of a file, all of it when absent. Nothing is unpacked: an entry is told by where
 * it lies.
 *
 * @throws FaroutError OOD_DATASET_INVALID when it is no tar or damaged; a file reaches behind its end, is sparse, has a name that leads out of
 *   the archive or that another has; or there are more than five million.
 */
export async function indexTar(
  file: PackedFile,
  { offset = 0, length = file.size }: { readonly offset?: number; readonly length?: number } = {},
): Promise<TarIndex> {
  const entries: TarEntry[] = [];
  const others: string[] = [];
  const names = new Set<string>();
  const end = offset + length;
  let ahead: Ahead = {};
  for (let at = offset; at + block <= end;) {
    const header = await file.read(at, block);
    if (header.every((byte) => byte === 0)) break;
    checkSum(file, header, at);
    const type = String.fromCharCode(header[156]!);
    const size = sizeOf(file, header, ahead, type);
    const content = at + block;
    if (!(content + size <= end))
      throw file.refusal(`"${shownName(header)}" would end behind the archive, at byte ${content + size}`);
    at = content + Math.ceil(size / block) * block;
    if ('xgLK'.includes(type)) {
      if (size > mostHeaderBytes) throw file.refusal(`a header of ${size} bytes stands for a name`);
      const bytes = await file.read(content, size);
      if (type === 'x') ahead = { ...ahead, ...paxOf(file, bytes) };
      // What a global header says of all entries, no archive of images needs; a path or a size in it would be of all.
      else if (type === 'g') refuseGlobal(file, bytes);
      else if (type === 'L') ahead.path = textOf(file, bytes.subarray(0, endOfText(bytes)));
      continue;
    }
    if (ahead.sparse || type === 'S') throw sparse(file);
    const name = checkedName(file, ahead.path ?? nameIn(file, header));
    ahead = {};
    if (type === '5' || (isFile(type) && name.endsWith('/'))) {
      const folder = name.replace(/\/+$/, '');
      if (folder !== '') entries.push({ name: folder, folder: true, offset: content, length: 0 });
    } else if (!isFile(type)) others.push(name);
    else {
      if (names.has(name)) throw file.refusal(`it has "${name}" twice`, { fix: 'Pack it again without duplicates.' });
      names.add(name);
      entries.push({ name, folder: false, offset: content, length: size });
    }
    if (entries.length + others.length > mostEntries) throw file.refusal(`it has more than ${mostEntries} entries`);
  }
  return { entries, others };
}

/** '7' is a file whose content lies in one piece. */
const isFile = (type: string) => type === '0' || type === '\0' || type === '7';

const sparse = (file: PackedFile) =>
  file.refusal('it has a sparse file, whose holes are left out', { fix: 'Pack it again without --sparse.' });

/** The sum of all bytes, those of the sum itself taken for blanks. */
function checkSum(file: PackedFile, header: Buffer, at: number): void {
  let sum = 8 * 0x20;
  for (const [index, byte] of header.entries()) if (index < 148 || index >= 156) sum += byte;
  if (octal(header, 148, 8) === sum) return;
  if (at === 0)
    throw file.refusal('it is no tar', {
      fix: 'Name a tar, or one that is packed by gzip; check that it is no web page.',
    });
  throw file.refusal(`its header at byte ${at} is damaged`);
}

/** Octal digits between blanks and zeros; NaN for anything else. */
function octal(header: Buffer, at: number, length: number): number {
  const text = header.toString('latin1', at, at + length).replace(/^[ \0]+|[ \0].*$/gs, '');
  return /^[0-7]+$/.test(text) ? parseInt(text, 8) : NaN;
}

function sizeOf(file: PackedFile, header: Buffer, ahead: Ahead, type: string): number {
  const isBinary = (header[124]! & 0x80) !== 0;
  const own = isBinary ? binary(header.subarray(124, 136)) : header[124] === 0 ? 0 : octal(header, 124, 12);
  // pax says the size of files of 8 GiB and more, in which case the header's own is not to be believed.
  const size = isFile(type) || type === 'S' ? (ahead.size ?? own) : '12346'.includes(type) ? 0 : own;
  if (Number.isSafeInteger(size) && size >= 0) return type === '5' ? 0 : size;
  throw file.refusal(`the size of "${shownName(header)}" is none`);
}

/** GNU's numbers in base 256, the highest byte first, whose highest bit is the mark. */
function binary(bytes: Buffer): number {
  let value = bytes[0]! & 0x7f;
  for (const byte of bytes.subarray(1)) value = value * 256 + byte;
  return value;
}

/** Records such as `30 mtime=1350244992.023960108\n`, each beginning with its length. */
function paxOf(file: PackedFile, bytes: Buffer): Ahead {
  const ahead: Ahead = {};
  for (const [key, value] of paxRecords(file, bytes)) {
    if (key === 'path') ahead.path = textOf(file, value);
    if (key === 'size') {
      const text = value.toString('latin1');
      if (!/^\d{1,16}$/.test(text)) throw file.refusal(`a header gives the size "${text.slice(0, 40)}"`);
      ahead.size = Number(text);
    }
    if (key.startsWith('GNU.sparse.')) ahead.sparse = true;
  }
  return ahead;
}

function refuseGlobal(file: PackedFile, bytes: Buffer): void {
  const keys = paxRecords(file, bytes).map(([key]) => key);
  if (keys.includes('path') || keys.includes('size'))
    throw file.refusal('one header gives all entries a path or a size');
}

function paxRecords(file: PackedFile, bytes: Buffer): [key: string, value: Buffer][] {
  const records: [string, Buffer][] = [];
  for (let at = 0; at < bytes.length && bytes[at] !== 0;) {
    const blank = bytes.indexOf(0x20, at);
    const length = Number(bytes.toString('latin1', at, blank));
    const equals = bytes.indexOf(0x3d, blank);
    const end = at + length;
    if (!(blank > at && equals > blank && equals < end && end <= bytes.length && bytes[end - 1] === 0x0a))
      throw file.refusal('a pax header is damaged');
    records.push([bytes.toString('latin1', blank + 1, equals), bytes.subarray(equals + 1, end - 1)]);
    at = end;
  }
  return records;
}

/** Where text ends: at its first NUL. */
function endOfText(bytes: Buffer): number {
  const end = bytes.indexOf(0);
  return end === -1 ? bytes.length : end;
}

/** The name of a header; ustar's may be in two parts, of which GNU's own format makes other use. */
function nameIn(file: PackedFile, header: Buffer): string {
  const part = (at: number, length: number) => {
    const bytes = header.subarray(at, at + length);
    return textOf(file, bytes.subarray(0, endOfText(bytes)));
  };
  const prefix = header.toString('latin1', 257, 263) === 'ustar\0' ? part(345, 155) : '';
  return prefix === '' ? part(0, 100) : `${prefix}/${part(0, 100)}`;
}

const shownName = (header: Buffer) => header.toString('latin1', 0, 100).replace(/[^ -~].*$/s, '');

function textOf(file: PackedFile, bytes: Buffer): string {
  const text = bytes.toString('utf8');
  if (Buffer.from(text).equals(bytes)) return text;
  throw file.refusal(
    `a name is no UTF-8: ${bytes
      .toString('latin1')
      .replace(/[^ -~]/g, '?')
      .slice(0, 80)}`,
  );
}

/** A name without `./` in front. @throws FaroutError for one that leads out of the archive, or that no terminal should print. */
export function checkedName(file: Pick<PackedFile, 'refusal'>, name: string): string {
  const short = name.replace(/^(?:\.\/)+/, '').replaceAll(/\/{2,}/g, '/');
  const steps = short.split('/');
  const leadsOut = short.startsWith('/') || steps.includes('..') || /^[A-Za-z]:/.test(short);
  const isOdd = /[\u0000-\u001f\u007f\\]/.test(short) || Buffer.byteLength(short) > mostNameBytes;
  if (!leadsOut && !isOdd && !steps.slice(0, -1).includes('.')) return short === '.' ? '' : short;
  const shown = JSON.stringify(short.slice(0, 80));
  throw refusedName(file, `the name ${shown} ${leadsOut ? 'leads out of the archive' : 'is none that a file has'}`);
}

const refusedName = (file: Pick<PackedFile, 'refusal'>, what: string): FaroutError =>
  file.refusal(what, { fix: 'Do not use an archive of this kind; pack the images again from their folder.' });
