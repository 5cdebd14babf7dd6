import { spawnSync } from 'node:child_process';
import { lstatSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from '@jest/globals';
import { FaroutError } from '@farout/core';
import { unpack, type UnpackOptions } from '@farout/acquire';
import { endAll, temporaryFolder } from '../parts/downloads.ts';
import { pax, tar, tarEnd, tarEntry } from './made-tar.ts';
import { zip } from './made-zip.ts';

afterEach(endAll);

const silent = { info: () => undefined, warn: () => undefined };
const usual = { signal: new AbortController().signal, logger: silent };

/** Unpacks bytes into `out/set`; gives the error, and all files that are there afterwards with their content. */
async function unpacked(bytes: Buffer, options: Partial<UnpackOptions> = {}) {
  const folder = temporaryFolder();
  const archive = path.join(folder, 'archive');
  mkdirSync(path.join(folder, 'out'));
  writeFileSync(archive, bytes);
  let error: FaroutError | undefined;
  try {
    await unpack(archive, path.join(folder, 'out', 'set'), { ...usual, ...options });
  } catch (caught) {
    if (!(caught instanceof FaroutError)) throw caught;
    error = caught;
  }
  return { error, files: below(folder, 'archive') };
}

function below(folder: string, besides = ''): Record<string, string> {
  const names = readdirSync(folder, { recursive: true }).map(String);
  const files = names.filter((name) => name !== besides && lstatSync(path.join(folder, name)).isFile());
  return Object.fromEntries(files.sort().map((name) => [name, readFileSync(path.join(folder, name), 'utf8')]));
}

const file = { name: 'a/one.jpg', content: 'one' };
const two = { name: 'a/two.png', content: 'two' };
const both = { 'out/set/a/one.jpg': 'one', 'out/set/a/two.png': 'two' };
const long = `${'long/'.repeat(30)}one.jpg`;
const zeros = Buffer.alloc(20 << 20);

describe('an archive', () => {
  const folder = { name: 'a/', type: '5' };
  const cases: [string, Buffer][] = [
    ['a tar', tar(folder, file, two)],
    ['a tar without its folders', tar(file, two)],
    [
      'a tar of ./ names',
      tar({ name: './', type: '5' }, { ...file, name: './a/one.jpg' }, { ...two, name: './a/two.png' }),
    ],
    ['a tar of GNU’s', tar({ ...file, magic: 'ustar ' }, { ...two, magic: 'ustar ' })],
    ['a tar.gz', gzipSync(tar(folder, file, two))],
    ['a tar.gz of several gzip members', Buffer.concat([gzipSync(tarEntry(file)), gzipSync(tar(two))])],
    ['a zip', zip({ name: 'a/', mode: 0o040755 }, file, two)],
    ['a compressed zip', zip({ ...file, isDeflated: true }, { ...two, isDeflated: true })],
  ];
  it.each(cases)('is unpacked whole: %s', async (_, bytes) => {
    expect(await unpacked(bytes)).toEqual({ error: undefined, files: both });
  });

  it('may have long names, as GNU and pax write them', async () => {
    const gnu = tar(tarEntry({ name: '././@LongLink', type: 'L', content: `${long}\0` }), { ...file, name: 'short' });
    const posix = tar(pax({ path: long, mtime: '1.5' }), { ...file, name: 'short' });
    for (const bytes of [gnu, posix]) expect((await unpacked(bytes)).files).toEqual({ [`out/set/${long}`]: 'one' });
  });

  it('is unpacked from a folder in it', async () => {
    const { files } = await unpacked(tar({ ...file, name: 'top/a/one.jpg' }, { name: 'readme', content: '' }), {
      strip: 'top',
    });
    expect(files).toEqual({ 'out/set/a/one.jpg': 'one' });
    const { error } = await unpacked(tar(file), { strip: 'top' });
    expect(error?.message).toBe('archive was not unpacked: it has no folder top; at its top level are: a');
  });

  it('that other programs made is unpacked as they do it', async () => {
    const made = temporaryFolder();
    const names = ['a/one.jpg', 'b/ümlaut 1.png', `b/${'x'.repeat(120)}.jpg`];
    for (const name of names) {
      mkdirSync(path.join(made, 'set', path.dirname(name)), { recursive: true });
      writeFileSync(path.join(made, 'set', name), name.repeat(1000));
    }
    const programs = [
      ['tar', '-cf', 'it', 'set'],
      ['tar', '--format=pax', '-czf', 'it', 'set'],
      ['tar', '--format=ustar', '-czf', 'it', '-C', '.', './set'],
      ['python3', '-c', 'import shutil, os; shutil.make_archive("x", "zip", ".", "set"); os.rename("x.zip", "it")'],
    ] as const;
    for (const [program, ...words] of programs) {
      if (spawnSync(program, words, { cwd: made }).status !== 0) continue;
      const { error, files } = await unpacked(readFileSync(path.join(made, 'it')), { strip: 'set' });
      expect(error).toBeUndefined();
      expect(Object.keys(files).sort()).toEqual(names.map((name) => `out/set/${name}`).sort());
      for (const name of names) expect(files[`out/set/${name}`]).toBe(name.repeat(1000));
    }
  });

  it('is left alone where its folder is there already', async () => {
    const folder = temporaryFolder();
    writeFileSync(path.join(folder, 'archive'), tar(file));
    mkdirSync(path.join(folder, 'set'));
    expect(await unpack(path.join(folder, 'archive'), path.join(folder, 'set'), usual)).toBeUndefined();
  });

  it('counts images, but not what hides beside them', async () => {
    const bytes = tar(file, two, { name: 'a/._one.jpg' }, { name: 'a/list.txt' });
    const counts: unknown[] = [];
    await unpacked(bytes, { check: (found) => void counts.push(found) });
    expect(counts).toEqual([{ files: 4, images: 2, bytes: 6 }]);
  });

  it('leaves nothing where it is not what was expected', async () => {
    const check = () => {
      throw new FaroutError('OOD_CONTENT_MISMATCH', 'another count');
    };
    const { error, files } = await unpacked(tar(file), { check });
    expect(error?.code).toBe('OOD_CONTENT_MISMATCH');
    expect(files).toEqual({});
  });
});

const evil = 'evil';
/** What is wrong, the archive, and what is said of it. */
const hostile: [string, Buffer, RegExp][] = [
  ['.. in a tar', tar(file, { name: '../../evil', content: evil }), /points outside the folder/],
  ['.. in the middle', tar({ name: 'a/../../evil', content: evil }), /points outside the folder/],
  ['.. in a zip', zip(file, { name: '../evil', content: evil }), /points outside the folder/],
  ['.. in a long name', tar(pax({ path: '../evil' }), file), /points outside the folder/],
  [
    '.. in a name of GNU',
    tar(tarEntry({ name: 'x', type: 'L', content: '../evil\0' }), file),
    /points outside the folder/,
  ],
  ['an absolute path in a tar', tar({ name: '/tmp/evil', content: evil }), /is an absolute path/],
  ['an absolute path in a zip', zip({ name: '/tmp/evil', content: evil }), /is an absolute path/],
  ['a drive', zip({ name: 'C:/evil', content: evil }), /backslash or a colon/],
  ['a symbolic link', tar({ name: 'a', type: '2', link: '/etc' }), /contains a symbolic link/],
  [
    'a link, and then a file through it',
    tar({ name: 'a', type: '2', link: '..' }, { name: 'a/evil' }),
    /symbolic link/,
  ],
  ['a hard link', tar(file, { name: 'b', type: '1', link: '/etc/passwd' }), /contains a hard link/],
  ['a link of a long target', tar(tarEntry({ name: 'x', type: 'K', content: '/etc\0' }), file), /contains a link/],
  ['a link by pax', tar(pax({ linkpath: '/etc' }), file), /contains a link$/],
  ['a link in a zip', zip({ name: 'a', content: '/etc', mode: 0o120777 }), /contains a link, a device or a pipe/],
  ['a device', tar({ name: 'sda', type: '4' }), /contains a device/],
  ['a character device', tar({ name: 'tty', type: '3' }), /contains a device/],
  ['a pipe', tar({ name: 'fifo', type: '6' }), /contains a pipe/],
  ['a pipe in a zip', zip({ name: 'fifo', mode: 0o010644 }), /a device or a pipe/],
  ['a sparse file', tar({ name: 'a', type: 'S' }), /contains a sparse file/],
  ['a sparse file by pax', tar(pax({ 'GNU.sparse.major': '1' }), file), /a sparse file/],
  ['an unknown type', tar({ name: 'a', type: 'Z' }), /an entry of an unknown type/],
  ['a bomb by ratio in gzip', gzipSync(tar({ name: 'a', content: zeros })), /grow more than 100-fold/],
  ['a bomb by ratio in a zip', zip({ name: 'a', content: zeros, isDeflated: true }), /grow more than 100-fold/],
  [
    'a bomb by total',
    zip(
      ...Array.from({ length: 40 }, (_, i) => ({
        name: `${i}`,
        content: zeros.subarray(0, 1 << 19),
        isDeflated: true,
      })),
    ),
    /grow more than 100-fold/,
  ],
  ['a size beyond all', tar({ name: 'a', size: 0o77777777777 }), /grow more than 100-fold/],
  ['a tar that ends in the middle', tar(file, two).subarray(0, 1300), /is truncated/],
  ['a tar without its end', Buffer.concat([tarEntry(file), tarEntry(two)]), /is truncated/],
  ['a zip that says too small a size', zip({ ...file, size: 2 }), /size mismatch for stored file/],
  [
    'a zip that says too large a size',
    zip({ ...file, size: 4, isDeflated: true }),
    /size or checksum of an entry differs/,
  ],
  ['a zip with a wrong checksum', zip({ ...file, crc: 1 }), /size or checksum of an entry differs/],
  [
    'a zip whose headers disagree on the name',
    zip({ ...file, localName: 'b/one.jpg' }),
    /contradicts the central directory/,
  ],
  ['a zip whose headers disagree on the size', zip({ ...file, localSize: 9 }), /contradicts the central directory/],
  ['a size that pax overrides', tar(pax({ size: '1' }), file), /contradicts the size in an entry's own header/],
  ['a size of all entries', tar(pax({ size: '0' }, 'g'), file), /sets the name or size of all entries/],
  [
    'a pax header that lies about its length',
    tar(tarEntry({ name: 'x', type: 'x', content: '99 path=a\n' }), file),
    /pax header in it is damaged/,
  ],
  ['two long names', tar(pax({ path: 'a' }), pax({ path: 'b' }), file), /two long names/],
  ['a name with NUL in a tar', tar({ name: 'a.jpg\0/../evil', content: evil }), /continues after a zero byte/],
  ['a name with NUL by pax', tar(pax({ path: 'a.jpg\0.exe' }), file), /has control characters/],
  ['a name with NUL in a zip', zip({ name: 'a.jpg\0.exe' }), /has control characters/],
  ['a line break in a name', tar({ name: 'a\nb' }), /has control characters/],
  ['backslashes in a tar', tar({ name: 'a\\..\\..\\evil' }), /backslash or a colon/],
  ['backslashes in a zip', zip({ name: '..\\evil' }), /backslash or a colon/],
  ['a stream of NTFS', tar({ name: 'a.jpg:hidden' }), /backslash or a colon/],
  ['a reserved name', tar({ name: 'a/CON' }), /reserve or shorten/],
  ['a reserved name with an ending', zip({ name: 'lpt1.jpg' }), /reserve or shorten/],
  ['a name with a dot at its end', tar({ name: 'a./b' }), /reserve or shorten/],
  ['a file twice', tar(file, { ...file, content: evil }), /occurs twice/],
  ['a file twice in a zip', zip(file, file), /occurs twice/],
  ['a file that is a folder too', tar({ name: 'a', content: evil }, { name: 'a/b' }), /occurs twice/],
  [
    'a clash of case',
    tar(file, { ...file, name: 'a/One.JPG' }),
    /the same name on systems that ignore case or accents/,
  ],
  ['a clash of case of folders', zip(file, { ...two, name: 'A/two.png' }), /the same name on systems that ignore case/],
  [
    'a clash of NFC and NFD',
    tar({ name: 'é.jpg'.normalize('NFC') }, { name: 'é.jpg'.normalize('NFD') }),
    /the same name/,
  ],
  ['a name that is not UTF-8', tar({ name: Buffer.from([0x61, 0xff]) }), /is not UTF-8/],
  ['an empty name', tar({ name: '' }), /a name in it is empty/],
  ['a name that is too long', tar(pax({ path: 'x'.repeat(300) }), file), /is too long/],
  [
    'a second gzip behind it',
    Buffer.concat([gzipSync(tar(file)), gzipSync(tar({ name: 'evil' }))]),
    /has data after its end/,
  ],
  ['bytes behind a gzip', Buffer.concat([gzipSync(tar(file)), Buffer.from('evil')]), /is damaged/],
  ['a gzip that ends in the middle', gzipSync(tar(file)).subarray(0, -20), /is damaged/],
  ['a second tar behind it', Buffer.concat([tar(file), tar({ name: 'evil' })]), /has data after its end/],
  ['a second zip behind it', Buffer.concat([zip(file), zip({ name: 'evil' })]), /was not unpacked/],
  ['a zip behind a program', Buffer.concat([zip({ name: 'b' }).subarray(0, 31), zip(file)]), /was not unpacked/],
  ['entries of a zip in each other', zip(file, { ...two, offset: 0 }), /entries overlap/],
  ['an encrypted zip', zip({ ...file, flags: 0x801, isDeflated: true }), /is encrypted/],
  ['a zip compressed otherwise', zip({ ...file, method: 14 }), /compression method is not supported/],
  ['a folder with content', tar({ name: 'a/', type: '5', content: evil }), /a folder in it has content/],
  [
    'a header with a wrong sum',
    Buffer.concat([tarEntry(file).fill('x', 0, 5), tarEnd]),
    /not a tar file, or it is damaged/,
  ],
  ['what is no archive', Buffer.from('<html>'.repeat(200)), /not a tar file, or it is damaged/],
  ['nothing', Buffer.alloc(0), /is truncated/],
];

describe('a hostile archive leaves nothing, in its folder or elsewhere', () => {
  it.each(hostile)('%s', async (_, bytes, message) => {
    const { error, files } = await unpacked(bytes);
    expect(error?.code).toBe('OOD_ARCHIVE_REFUSED');
    expect(error?.message).toMatch(message);
    expect(files).toEqual({});
  });

  it('more than it may take in all', async () => {
    const { error } = await unpacked(tar(file, two), { mostBytes: 5 });
    expect(error?.message).toMatch(/would take more than 5 bytes/);
  });
});
