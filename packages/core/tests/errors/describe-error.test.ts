import { describe, expect, it } from '@jest/globals';
import { describeError, editDistance } from '../../src/errors/describe-error.ts';
import { FaroutError, FaroutErrors } from '../../src/errors/farout-error.ts';
import { didYouMean } from '../../src/index.ts';

const text = [
  'name: react-resnet50-imagenet',
  ...Array.from({ length: 7 }, (_, index) => `# line ${index + 2}`),
  '  ODIN: { odin: { temperature: 1000, magnitude: 0.005 } }',
  '  Energy: enrgy',
  '  ReAct: [react: { c: 1.0 }, energy]',
  '',
].join('\n');

const unknownScorer = new FaroutError('OOD_UNKNOWN_SCORER', 'unknown scorer "enrgy"', {
  place: { file: 'configs/react-resnet50-imagenet.yaml', line: 10, column: 11, length: 5, text },
  fix: 'Did you mean "energy"?',
  choices: { title: 'Available scorers', names: ['energy', 'max-logit', 'msp', 'odin'] },
});

/** The rows of an error's code frame. */
function frameOf(line: string, column: number, length: number): string[] {
  const place = { file: 'a.yaml', line: 1, column, length, text: line };
  return describeError(new FaroutError('OOD_CONFIG_SYNTAX', 'wrong', { place }))
    .split('\n')
    .slice(2, 4);
}

describe('describeError', () => {
  it('shows where, what, the line itself, the fix, the choices and the code', () => {
    expect(describeError(unknownScorer)).toBe(
      [
        'configs/react-resnet50-imagenet.yaml:10:11  unknown scorer "enrgy"',
        '',
        '   9 |   ODIN: { odin: { temperature: 1000, magnitude: 0.005 } }',
        '> 10 |   Energy: enrgy',
        '     |           ^^^^^',
        '  11 |   ReAct: [react: { c: 1.0 }, energy]',
        '',
        'Did you mean "energy"?   Available scorers: energy, max-logit, msp, odin.',
        '[OOD_UNKNOWN_SCORER]',
      ].join('\n'),
    );
  });

  it('leaves out what an error does not carry', () => {
    expect(describeError(new FaroutError('OOD_STORE_FAILED', 'the store is full'))).toBe(
      'the store is full\n[OOD_STORE_FAILED]',
    );
  });

  it('shows a place without its text, or beyond its text, as numbers only', () => {
    const place = { file: 'a.yaml', line: 3, column: 1 };
    const described = 'a.yaml:3:1  wrong\n[OOD_CONFIG_SYNTAX]';
    expect(describeError(new FaroutError('OOD_CONFIG_SYNTAX', 'wrong', { place }))).toBe(described);
    const beyond = { ...place, text: 'one line' };
    expect(describeError(new FaroutError('OOD_CONFIG_SYNTAX', 'wrong', { place: beyond }))).toBe(described);
  });

  it('puts an empty line between several errors', () => {
    const full = new FaroutError('OOD_STORE_FAILED', 'the store is full');
    expect(describeError(new FaroutErrors([full, full]))).toBe(`${describeError(full)}\n\n${describeError(full)}`);
  });

  it('shows the first line without a line before it and the last without one after it', () => {
    expect(frameOf('seed: x', 7, 1)).toEqual(['> 1 | seed: x', '    |       ^']);
  });

  it('aligns its carets behind tabs, wide characters and combining marks', () => {
    expect(frameOf('\tkey: bad', 7, 3)[1]).toBe('    | \t     ^^^');
    expect(frameOf('写真: 悪い', 5, 2)[1]).toBe('    |       ^^^^');
    expect(frameOf('e\u0301: bad', 5, 3)[1]).toBe('    |    ^^^');
  });

  it('takes Windows line ends off the lines', () => {
    const place = { file: 'a.yaml', line: 2, column: 1, text: 'a: 1\r\nb: 2\r\n' };
    expect(describeError(new FaroutError('OOD_CONFIG_SYNTAX', 'wrong', { place }))).not.toContain('\r');
  });

  it('cuts a long line down to what surrounds the place', () => {
    const rows = frameOf(`${'x'.repeat(500)}BAD${'y'.repeat(500)}`, 501, 3);
    expect(rows[0]!.length).toBeLessThan(200);
    expect(rows[0]!.indexOf('BAD')).toBe(rows[1]!.indexOf('^^^'));
  });

  it('hides what may be secret in addresses, on the lines around too, and keeps their width', () => {
    const text = 'a: http://me:word@h/x\nb: 1\nc: [https://h/x?key=word#y, "http://h/a@b?"]';
    const place = { file: 'a.yaml', line: 2, column: 1, text };
    expect(
      describeError(new FaroutError('OOD_CONFIG_SYNTAX', 'wrong', { place }))
        .split('\n')
        .slice(2, 6),
    ).toEqual([
      '  1 | a: http://*******@h/x',
      '> 2 | b: 1',
      '    | ^',
      '  3 | c: [https://h/x?********#y, "http://h/a@b?"]',
    ]);
  });

  it('shows no control characters of names and lines to the terminal, and no name as a line of its own', () => {
    const name = '\u001B[2Jname\u0007\u202e\u009b\r[OOD_FAKE]\n[OOD_FAKE]';
    const hostile = new FaroutError('OOD_CONFIG_TYPE', `wrong "${name}"`, {
      place: { file: name, line: 1, column: 1, text: name },
      fix: `Correct ${name}.`,
      choices: { title: name, names: [name] },
    });
    expect(describeError(hostile)).not.toMatch(/[^\P{C}\n]/u);
    expect(describeError(hostile)).not.toMatch(/^\[OOD_FAKE\]/m);
    expect(describeError(hostile)).toContain('wrong "\\x1b[2Jname\\x07\\u202e\\x9b\\x0d[OOD_FAKE]\n  [OOD_FAKE]"');
  });
});

const scorers = ['energy', 'max-logit', 'msp', 'odin'];

describe('didYouMean', () => {
  it.each([
    ['enrgy', 'energy'],
    ['Energy', 'energy'],
    ['maxlogit', 'max-logit'],
    ['mps', 'msp'],
    ['eenrgy', 'energy'],
    ['xyz', undefined],
    ['odn', 'odin'],
    ['temperature', undefined],
    ['', undefined],
  ])('of "%s" suggests %s', (word, suggestion) => {
    expect(didYouMean(word, scorers)).toBe(suggestion && `Did you mean "${suggestion}"?`);
  });

  it('suggests the nearest of several', () => {
    expect(didYouMean('percentil', ['percentage', 'percentile'])).toBe('Did you mean "percentile"?');
  });

  it('counts letters that are swapped as one slip, and prefers it to two', () => {
    expect(didYouMean('fpr59', ['auroc', 'fpr95'])).toBe('Did you mean "fpr95"?');
    expect(didYouMean('max-lgoit', ['max-lgxxt', 'max-logit'])).toBe('Did you mean "max-logit"?');
  });

  it.each([
    ['fpr', 'fpr95'],
    ['auc', 'auroc'],
    ['fpr95tpr', 'fpr95'],
    ['AUPR', 'aupr-in'],
    ['folder', 'image-folder'],
    ['resnet', 'resnet50'],
    ['rn', undefined],
    ['net', undefined],
  ])('takes "%s" for a short form of %s', (word, suggestion) => {
    const names = ['aupr-in', 'aupr-out', 'auroc', 'fpr95', 'image-folder', 'resnet50'];
    expect(didYouMean(word, names)).toBe(suggestion && `Did you mean "${suggestion}"?`);
  });

  it('is not held up by a word of a million letters', () => {
    expect(didYouMean('e'.repeat(1e6), scorers)).toBeUndefined();
  });

  it('suggests nothing where there is nothing', () => {
    expect(didYouMean('energy', [])).toBeUndefined();
  });
});

describe('editDistance', () => {
  it.each([
    // Of the literature: Levenshtein's own example, and the one in which optimal string alignment and Damerau's distance part.
    ['kitten', 'sitting', 3],
    ['ca', 'abc', 3],
    ['energy', 'energy', 0],
    ['eenrgy', 'energy', 1],
    ['mps', 'msp', 1],
    ['fpr59', 'fpr95', 1],
    ['ab', 'ba', 1],
    ['abcd', 'badc', 2],
    ['', 'odin', 4],
    ['odin', '', 4],
    ['', '', 0],
  ])('from "%s" to "%s" is %i, and back', (word, other, distance) => {
    expect(editDistance(word, other)).toBe(distance);
    expect(editDistance(other, word)).toBe(distance);
  });
});
