import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { readScores } from '../src/saved-scores.ts';

describe('readScores', () => {
  const inFolder = async (text: string) => {
    const folder = await mkdtemp(path.join(tmpdir(), 'farout-scores-'));
    await writeFile(path.join(folder, 'scores.csv'), text);
    return readScores(folder);
  };

  it('reads the scores of every set, and leaves out a detector that has none', async () => {
    const scores = await inFolder(
      'dataset,image,label,predicted,MSP,"A, ""B""",Failed\r\nin,"a,\r\n1.jpg",3,1,0.1,-Infinity,\r\nin,b,,2,1e-7,2,\r\nout,c,,,3,4,\r\n',
    );
    expect(scores!.groups).toBeUndefined();
    expect(scores!.scores).toEqual(
      new Map([
        [
          'in',
          new Map([
            ['MSP', Float32Array.of(0.1, 1e-7)],
            ['A, "B"', Float32Array.of(-Infinity, 2)],
          ]),
        ],
        [
          'out',
          new Map([
            ['MSP', Float32Array.of(3)],
            ['A, "B"', Float32Array.of(4)],
          ]),
        ],
      ]),
    );
  });

  it('reads what images of one source have in common', async () => {
    const { scores, groups } = (await inFolder(
      'dataset,image,label,predicted,group,MSP\r\nin,a,3,1,"one, two",0.1\r\nin,b,,2,,2\r\nout,c,,,,3\r\n',
    ))!;
    expect([...scores.get('in')!]).toEqual([['MSP', Float32Array.of(0.1, 2)]]);
    expect([...groups!]).toEqual([
      ['in', ['one, two', undefined]],
      ['out', [undefined]],
    ]);
  });

  it('passes over the names of classes, and takes names as they were before a spreadsheet was kept from computing them', async () => {
    const { scores, groups } = (await inFolder(
      "dataset,image,label,predicted,class,group,'-E\r\n'@in,a,3,1,cat,'=b,0.1\r\n",
    ))!;
    expect([...scores]).toEqual([['@in', new Map([['-E', Float32Array.of(0.1)]])]]);
    expect([...groups!]).toEqual([['@in', ['=b']]]);
  });

  it('gives nothing where the file is another, cut short, or not there', async () => {
    expect(await inFolder('a,b\r\n1,2\r\n')).toBeUndefined();
    expect(await inFolder('dataset,image,label,predicted,MSP\r\nin,a,1,1\r\n')).toBeUndefined();
    expect(await readScores(path.join(tmpdir(), 'nowhere-at-all'))).toBeUndefined();
  });
});
