import { describe, expect, it } from '@jest/globals';
import { readDescription, readScoreLog, type LoggedImage } from '../src/index.ts';
import { sumDetector } from './parts/sum-detector.ts';

/** Its threshold is 10, its ID scores 10 and 20: p of 25 is 1, of 15 two thirds, of 5 one third. */
const description = readDescription(sumDetector());

async function* inPieces(text: string | Uint8Array, size: number) {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) yield await Promise.resolve(bytes.subarray(at, at + size));
}

async function read(text: string | Uint8Array, size = 7): Promise<LoggedImage[]> {
  const request = { bytes: inPieces(text, size), name: 'log', description: await description };
  const all = [];
  for await (const image of readScoreLog(request)) all.push(image);
  return all;
}

const heading = 'image,label,class,probability,score,is_in_distribution,lower,p,unreadable\n';
const id = 'a.png,,1,0.5,15,true,0.5,0.6666666666666666,\n';
const ood = '"b,\n""c"".png",,1,0.5,5,false,0,0.3333333333333333,\n';
const bad = 'c.png,,,,,,,,cut off\n';
const event = (facts: object) => `${JSON.stringify({ version: 1, event: 'scored', image: 'a.png', ...facts })}\n`;
const ofId = { score: 15, probability: 0.5, isInDistribution: true, class: 1, lower: 0.5, p: 2 / 3 };

describe('a log of scores', () => {
  it.each([1, 7, 100_000])('is what farout score --csv prints, in whatever pieces it comes: %i bytes', async (size) => {
    expect(await read(`\u{FEFF}${heading}${id}${ood}${bad}`, size)).toEqual([
      { line: 2, name: 'a.png', judged: { class: 1, isInDistribution: true } },
      { line: 4, name: 'b,\n"c".png', judged: { class: 1, isInDistribution: false } },
      { line: 5, name: 'c.png' },
    ]);
  });

  it('is one to which later calls were appended, with their headings', async () => {
    expect((await read(`${heading}${id}${heading}${ood}`)).map(({ line }) => line)).toEqual([2, 5]);
  });

  it.each([1, 7, 100_000])('is what farout score --json prints: %i bytes', async (size) => {
    const text = [
      event(ofId),
      event({ ...ofId, score: 'NaN', isInDistribution: false, p: 1 / 3 }),
      '\n',
      '{"version":1,"event":"unreadable","image":"c.png","reason":"cut off"}\n',
      '{"version":1,"event":"rejected","images":[]}\n',
      event({ ...ofId, score: 'Infinity', p: 1 }).trimEnd(),
    ];
    expect(await read(text.join(''), size)).toEqual([
      { line: 1, name: 'a.png', judged: { class: 1, isInDistribution: true } },
      { line: 2, name: 'a.png', judged: { class: 1, isInDistribution: false } },
      { line: 4, name: 'c.png' },
      { line: 6, name: 'a.png', judged: { class: 1, isInDistribution: true } },
    ]);
  });

  it('may be empty', async () => {
    expect([await read(''), await read(' \n'), await read(heading)]).toEqual([[], [], []]);
  });
});

describe('what is no log of the detector', () => {
  const cases: readonly (readonly [what: string, text: string | Uint8Array, line: number, message: string])[] = [
    ['another table', 'image,score\na,1\n', 1, 'there is no column "class", "is_in_distribution", "p", "unreadable"'],
    ['an image', new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13]), 1, 'column'],
    ['a row that is cut off', `${heading}${id}a.png,,1`, 3, 'it has 3 cells, but the header has 9'],
    ['a quote that does not end', `${heading}"a.png,,1\n`, 2, 'it is not valid CSV: quote not closed'],
    ['a line that never ends', `${heading}${'a'.repeat(3 * 2 ** 20)}`, 2, 'longer than 1 MiB'],
    ['a score that is no number', `${heading}${id.replace('15', 'high')}`, 2, 'score is invalid'],
    ['no score', `${heading}${id.replace('15', '')}`, 2, 'score is invalid'],
    ['a verdict that is none', `${heading}${id.replace('true', 'yes')}`, 2, 'isInDistribution is invalid'],
    ['a class that is none', `${heading}${id.replace(',1,', ',1.5,')}`, 2, 'class is invalid'],
    ['a class below 0', `${heading}${id.replace(',1,', ',-1,')}`, 2, 'class is invalid'],
    ['a verdict of another file', `${heading}${id.replace('true', 'false')}`, 2, 'another file scored a.png'],
    [
      'a p value of another file',
      `${heading}${id}${id.replace('0.6666666666666666', '0.5')}`,
      3,
      'another file scored',
    ],
    ['NaN that is accepted', `${heading}${id.replace('15', 'NaN')}`, 2, 'another file scored'],
    ['JSON that is cut off', `${event(ofId)}{"event":"scored","im`, 2, 'it is not valid JSON'],
    ['another object', '{"level":30}\n', 1, 'it has no "event"'],
    ['a list', `${event(ofId)}[1]\n`, 2, 'it has no "event"'],
    ['a score as text', event({ ...ofId, score: '15' }), 1, 'score is invalid'],
    ['no name', event({ ...ofId, image: undefined }), 1, 'image is invalid'],
    ['an object that never ends', `{"event":"${'a'.repeat(3 * 2 ** 20)}`, 1, 'longer than 1 MiB'],
  ];

  it.each(cases)('is refused with its line: %s', async (_, text, line, message) => {
    const refusal = { code: 'OOD_LOG_INVALID', place: { file: 'log', line, column: 1 } };
    await expect(read(text, 65_536)).rejects.toMatchObject({ ...refusal, message: expect.stringContaining(message) });
  });

  it('is a stream that breaks off', async () => {
    const broken = (async function* () {
      yield await Promise.resolve(Buffer.from(heading));
      throw new Error('the disk is gone');
    })();
    const log = readScoreLog({ bytes: broken, name: 'log', description: await description });
    await expect(log.next()).rejects.toThrow('the disk is gone');
  });
});
