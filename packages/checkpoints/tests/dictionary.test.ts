import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { readPickledDictionary } from '../src/index.ts';

const folder = mkdtempSync(join(tmpdir(), 'farout-pickles-'));

function read(pickle: string) {
  const path = join(folder, 'batch');
  writeFileSync(path, pickle, 'latin1');
  return readPickledDictionary(path);
}

/** An array as numpy pickles it in protocol 2: its state is what is between the brackets. */
const array = (state: string) =>
  `cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85U\x01b\x87R(${state}tb`;
const type = (name: string) => `cnumpy\ndtype\nU\x02${name}K\x00K\x01\x87R`;
const six = 'T\x06\x00\x00\x00abcdef';

describe('readPickledDictionary', () => {
  it('gives numbers, texts and lists of them, and where arrays lie', () => {
    const start =
      '}U\x01n'.length + array(`K\x01K\x02K\x03\x86${type('u1')}\x89T\x06\x00\x00\x00`).length - 'tb'.length;
    const pickle = `}U\x01n${array(`K\x01K\x02K\x03\x86${type('u1')}\x89${six}`)}sU\x01kK\x07sU\x01t](K\x01U\x01xes.`;
    expect(Object.fromEntries(read(pickle))).toEqual({ n: { shape: [2, 3], start }, k: 7, t: [1, 'x'] });
    expect(pickle.slice(start, start + 6)).toBe('abcdef');
  });

  it('leaves out what it does not know', () => {
    expect([...read('}U\x01aNsU\x01b}sU\x01cK\x01s.')]).toEqual([['c', 1]]);
  });

  it.each([
    ['no dictionary', 'K\x01.', 'expected a dictionary'],
    ['a call', 'cos\nsystem\nU\x02ls\x85R.', 'refers to os.system, which data does not need and which is never run'],
    ['text in the place of bytes', 'c_codecs\nencode\nX\x01\x00\x00\x00a\x85R.', 'refers to _codecs.encode'],
    [
      'other elements',
      `}U\x01n${array(`K\x01K\x06\x85${type('f4')}\x89${six}`)}s.`,
      'elements of the text "f4", expected uint8',
    ],
    ['Fortran order', `}U\x01n${array(`K\x01K\x06\x85${type('u1')}\x88${six}`)}s.`, 'Fortran order'],
    ['fewer bytes than the shape says', `}U\x01n${array(`K\x01K\x07\x85${type('u1')}\x89${six}`)}s.`, 'has 6 bytes'],
    ['bytes beyond the end', '}U\x01nT\xff\xff\xff\x7fabc', 'is truncated at byte 12'],
    ['bytes beyond all files', '}U\x01n\x8e\xff\xff\xff\xff\xff\xff\xff\xffabc', 'is truncated at byte 16'],
    [
      'a shape of negative sizes',
      `}U\x01n${array(`K\x01J\xff\xff\xff\xff\x85${type('u1')}\x89${six}`)}s.`,
      'has no shape',
    ],
    ['an array without attributes', '}U\x01ncnumpy.core.multiarray\n_reconstruct\n)Rs.', 'has no attributes'],
    ['a name without end', `c${'x'.repeat(2000)}`, 'a name of more than 1024 bytes'],
    ['a text larger than the window', `}X\xff\xff\x01\x00${'x'.repeat(2 ** 17)}K\x01s.`, 'has a text of 131071 bytes'],
    ['nothing', '', 'is truncated at byte 0'],
  ])('refuses %s', (_, pickle, message) => {
    expect(() => read(pickle)).toThrow(expect.objectContaining({ code: 'OOD_ARRAY_INVALID' }));
    expect(() => read(pickle)).toThrow(message);
  });

  it('reads texts that lie across the edges of its window', () => {
    const names = Array.from({ length: 3000 }, (_, i) => `name ${i} ${'x'.repeat(i % 97)}`);
    const texts = names.map((name) => `U${String.fromCharCode(name.length)}${name}`).join('');
    expect(read(`}U\x01n](${texts}es.`).get('n')).toEqual(names);
  });

  it('refuses a folder, and what is not there', () => {
    expect(() => readPickledDictionary(folder)).toThrow(expect.objectContaining({ code: 'OOD_MISSING_FILE' }));
    expect(() => readPickledDictionary(join(folder, 'x'))).toThrow(
      expect.objectContaining({ code: 'OOD_MISSING_FILE' }),
    );
  });
});
