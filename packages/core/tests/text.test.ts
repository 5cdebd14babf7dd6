import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { cellText, csvLine, decodeText, printable, printableLines, textCell } from '../src/index.ts';

describe('printable', () => {
  it.each([
    ['an escape sequence', '\x1b[31mred', '\\x1b[31mred'],
    ['a carriage return', 'safe\rfake', 'safe\\x0dfake'],
    ['a line break', 'a\nwarning b', 'a\\x0awarning b'],
    ['a bell, a backspace, a zero and DEL', '\x07\b\0\x7f', '\\x07\\x08\\x00\\x7f'],
    ['a C1 control, which some terminals take for an escape', '\x9b31m\x85', '\\x9b31m\\x85'],
    ['changes of direction', '\u202eexe.\u2066\u200f\u061c', '\\u202eexe.\\u2066\\u200f\\u061c'],
    ['breaks of lines and paragraphs', '\u2028\u2029', '\\u2028\\u2029'],
    ['what cannot be seen', '\u200b\ufeff\u{e0041}', '\\u200b\\ufeff\\u{e0041}'],
    ['half a character', '\ud83d', '\\ud83d'],
  ])('shows %s as an escape', (_, text, shown) => {
    expect(printable(text)).toBe(shown);
  });

  it('leaves letters, emoji and what joins them as they are', () => {
    const text = 'Käse 写真 👩‍🔬 \\x1b "quoted"';
    expect(printable(text)).toBe(text);
  });

  it('keeps line breaks and tabs of several lines alone', () => {
    expect(printableLines('a\n\tat b\r\nc\rd\x1b')).toBe('a\n\tat b\nc\\x0dd\\x1b');
  });
});

const utf16 = (text: string, { mark = true } = {}) => Buffer.from((mark ? '\uFEFF' : '') + text, 'utf16le');
const utf32 = (text: string) =>
  Buffer.concat(Array.from('\uFEFF' + text, (c) => Buffer.from([c.charCodeAt(0) & 255, c.charCodeAt(0) >> 8, 0, 0])));

describe('decodeText', () => {
  it('takes UTF-8, with a byte order mark or without', () => {
    expect(decodeText(Buffer.from('Käse'))).toEqual({ text: 'Käse' });
    expect(decodeText(Buffer.from('\uFEFFKäse'))).toEqual({ text: 'Käse' });
    expect(decodeText(Buffer.from(''))).toEqual({ text: '' });
  });

  it.each([
    ['UTF-16', utf16('ant/1.png 0\n')],
    ['UTF-16', Buffer.from(utf16('ant/1.png 0\n')).swap16()],
    ['UTF-16', utf16('ant/1.png 0\n', { mark: false })],
    ['UTF-16', utf16('ant/1.png 0\n', { mark: false }).swap16()],
    ['UTF-32', utf32('ant/1.png 0\n')],
    ['UTF-32', utf32('ant/1.png 0\n').swap32()],
  ])('says of %s what it is and how it becomes UTF-8', (encoding, bytes) => {
    expect(decodeText(bytes)).toEqual({
      fault: `is ${encoding}, not UTF-8`,
      fix: `Save it as UTF-8 in your editor, or: iconv -f ${encoding} -t UTF-8.`,
    });
  });

  it('names the first line that is no UTF-8, as Latin-1 is', () => {
    expect(decodeText(Buffer.from('a.png 0\nK\xe4se.png 1\n', 'latin1'))).toMatchObject({
      fault: 'is not UTF-8: line 2 has bytes in another encoding',
      fix: expect.stringContaining('LATIN1') as unknown,
    });
  });

  it('says of other bytes that they are no text', () => {
    expect(decodeText(Buffer.from('PK\x03\x04 and more\0'))).toMatchObject({ fault: 'is not text: it has zero bytes' });
    expect(decodeText(Buffer.alloc(100))).toMatchObject({ fault: 'is not text: it has zero bytes' });
  });
});

describe('csvLine', () => {
  it.each([
    ['=1+1', "'=1+1"],
    ['+1.jpg', "'+1.jpg"],
    ['-2+3', "'-2+3"],
    ['@SUM(A1)', "'@SUM(A1)"],
    ['\tx', "'\tx"],
    ['＝1', "'＝1"],
    ["'quoted", "''quoted"],
    ['a;=1', "a;'=1"],
    ['a\t-1', "a\t'-1"],
  ])('keeps a spreadsheet from computing %j', (text, written) => {
    expect(csvLine([text])).toBe(`${written}\r\n`);
  });

  it('puts quotes around what needs them, and an apostrophe within', () => {
    expect(csvLine(['=HYPERLINK("http://x","y")'])).toBe(`"'=HYPERLINK(""http://x"",""y"")"\r\n`);
    expect(csvLine(['a\n=1'])).toBe(`"a\n'=1"\r\n`);
    expect(csvLine(['\r=1'])).toBe(`"'\r'=1"\r\n`);
  });

  it('leaves everything else as it is: a hyphen within a name, and numbers', () => {
    expect(csvLine(['a-b = c', 'ReAct + MSP', "it's"], ['-1.5', '-Infinity', ''])).toBe(
      "a-b = c,ReAct + MSP,it's,-1.5,-Infinity,\r\n",
    );
  });

  it('can be read back', () => {
    const characters = fc.constantFrom('=', '-', "'", ';', '\t', '\n', '\r', 'a', '"', ',', ' ', '＝');
    fc.assert(
      fc.property(fc.array(characters), (letters) => {
        const text = letters.join('');
        const line = csvLine([text]);
        expect(readBack(line)).toBe(text);
      }),
    );
  });
});

describe('cellText', () => {
  it('gives the text that a cell was made of', () => {
    const characters = fc.constantFrom('=', '+', '-', '@', "'", ';', '\t', '\n', '\r', 'a', '"', ' ', '＝', '＠');
    fc.assert(
      fc.property(fc.array(characters), (letters) => {
        const text = letters.join('');
        expect(cellText(textCell(text))).toBe(text);
      }),
    );
  });

  it.each(["it's", "a 'b'", '', "' a", "a;'b"])('leaves apostrophes that it has not put there: %j', (cell) => {
    expect(cellText(cell)).toBe(cell);
  });
});

/** The only field of a line, without the apostrophes. */
function readBack(line: string): string {
  const field = line.slice(0, -2);
  const bare = field.startsWith('"') ? field.slice(1, -1).replaceAll('""', '"') : field;
  return bare.replace(/^'(?=[=+\-@\t\r＝＋－＠'])|(?<=[;\t\r\n])'(?=\s*[=+\-@＝＋－＠'])/gu, '');
}
