import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { csvLine } from '../src/index.ts';

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

/** The only field of a line, without the apostrophes. */
function readBack(line: string): string {
  const field = line.slice(0, -2);
  const bare = field.startsWith('"') ? field.slice(1, -1).replaceAll('""', '"') : field;
  return bare.replace(/^'(?=[=+\-@\t\r＝＋－＠'])|(?<=[;\t\r\n])'(?=\s*[=+\-@＝＋－＠'])/gu, '');
}
