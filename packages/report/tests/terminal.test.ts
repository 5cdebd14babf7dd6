import { describe, expect, it } from '@jest/globals';
import { fold, terminalTable } from '../src/terminal.ts';
import { auroc, dataset, finishedRun, fpr95, fpr95OodPositive, measured, withPublished } from './finished-run.ts';

const plain = { colour: false, width: 100 };
const onlyAuroc = (sets: Record<string, number>) =>
  finishedRun({ metrics: [auroc], results: measured('auroc', { MSP: sets }) });

describe('terminalTable', () => {
  it('shows the accuracy, a table per metric in percent, and what the numbers mean', () => {
    expect(terminalTable(finishedRun(), plain)).toBe(
      `two-sets

ID accuracy 76.13 %  photographs, 1,200 images

 FPR95, ID positive ↓  textures      sun   average
────────────────────────────────────────────────────
 MSP                      55.63    50.00     52.81
 Energy                   40.00*   50.00     45.00*

 AUROC ↑               textures      sun   average
────────────────────────────────────────────────────
 MSP                      80.00    90.00     85.00
 Energy                   90.00*  100.00*    95.00*

All numbers in percent; ↓ lower is better, ↑ higher is better; * marks the best of a column.
FPR95, ID positive: OOD images accepted at the threshold that 95 % of the ID images reach, as in the ReAct paper.
All numbers equal, and none marked: FPR95, ID positive on sun.
`,
    );
  });

  it('says what must be known of the numbers, and how many labels the accuracy counts where not all images have one', () => {
    const text = terminalTable(finishedRun({ labelled: 600, remarks: ['photographs: passed over 1 link'] }), plain);
    expect(text).toContain('ID accuracy 76.13 %  photographs, 1,200 images, 600 labels counted\n');
    expect(text).toContain('\n1 remark\n  photographs: passed over 1 link\n');
    expect(terminalTable(finishedRun({ labelled: 1200, remarks: [] }), plain)).toBe(
      terminalTable(finishedRun(), plain),
    );
  });

  it('marks the best in bold green where there is colour, and no star', () => {
    const text = terminalTable(finishedRun(), { colour: true, width: 100 });
    expect(text).toContain('\x1b[1m\x1b[32m40.00\x1b[39m\x1b[22m');
    expect(text).not.toContain('\x1b[32m50.00');
    expect(text).not.toContain('*');
  });

  it('shows in brackets below a number what was published for it', () => {
    expect(terminalTable(withPublished(), plain)).toContain(
      `
 FPR95, ID positive ↓     sun
───────────────────────────────
 MSP                    70.00
 ReAct                  25.00*
                       (24.20)

All numbers in percent; ↓ lower is better, ↑ higher is better; * marks the best of a column.
In brackets: published numbers given in the experiment.
`,
    );
    expect(terminalTable(finishedRun(), plain)).not.toContain('In brackets');
  });

  it('keeps the digits of both below each other where there is colour', () => {
    const lines = terminalTable(withPublished(), { colour: true, width: 100 }).split('\n');
    const bare = lines.map((line) => line.replace(/\x1b\[\d+m/g, ''));
    expect(bare.find((line) => line.includes('25.00'))!.indexOf('25.00')).toBe(
      bare.find((line) => line.includes('24.20'))!.indexOf('24.20'),
    );
    expect(lines.join('\n')).toContain('\x1b[2m(24.20)\x1b[22m');
  });

  it('keeps tables apart of which only one has published numbers', () => {
    const { results } = withPublished();
    const metrics = [fpr95, auroc] as const;
    const run = finishedRun({
      metrics,
      results: [...results, ...measured('auroc', { MSP: { sun: 0.8 }, ReAct: { sun: 0.9 } })],
    });
    expect(terminalTable(run, plain)).toMatch(/\(24\.20\)\n\n AUROC ↑ .*\n─+\n MSP +80\.00\n ReAct +90\.00\*\n\nAll/);
  });

  it('marks every number that prints like the best', () => {
    const results = measured('auroc', { A: { sun: 0.900004 }, B: { sun: 0.900001 }, C: { sun: 0.5 } });
    const text = terminalTable(finishedRun({ metrics: [auroc], results }), plain);
    expect(text.match(/90\.00\*/g)).toHaveLength(2);
    expect(text).not.toContain('50.00*');
  });

  it('tells the two conventions of FPR95 apart', () => {
    const both = [fpr95, fpr95OodPositive];
    const results = both.flatMap(({ name }) => measured(name, { MSP: { sun: 0.25 } }));
    const text = terminalTable(finishedRun({ metrics: both, results }), plain);
    expect(text).toContain(' FPR95, ID positive ↓ ');
    expect(text).toContain(' FPR95, OOD positive ↓ ');
    expect(text).toContain('FPR95, OOD positive: ID images rejected at the threshold that rejects 95 % of the OOD');
  });

  it('folds long names of OOD sets when the terminal is narrow', () => {
    const run = finishedRun({
      metrics: [auroc],
      results: measured('auroc', {
        MSP: { 'unseen-shapes': 0.1, sun: 0.2, average: 0.15 },
        Energy: { 'unseen-shapes': 0.3, sun: 0.1, average: 0.2 },
      }),
    });
    expect(terminalTable(run, { colour: false, width: 40 })).toContain(
      `
          unseen-
 AUROC ↑   shapes     sun   average
─────────────────────────────────────
 MSP        10.00   20.00*    15.00
 Energy     30.00*  10.00     20.00*
`,
    );
  });

  it('continues below when the OOD sets are wider than the terminal', () => {
    const run = onlyAuroc({ inaturalist: 0.1, places: 0.2, textures: 0.3, average: 0.2 });
    expect(terminalTable(run, { colour: false, width: 36 })).toContain(
      ` AUROC ↑  inaturalist   places
────────────────────────────────
 MSP            10.00    20.00

 AUROC ↑  textures   average
──────────────────────────────
 MSP         30.00     20.00
`,
    );
  });

  it('keeps a column that is wider than the terminal whole', () => {
    expect(terminalTable(onlyAuroc({ inaturalist: 0.1 }), { colour: false, width: 5 })).toContain('inaturalist');
  });

  it('shows a dash where no ID image is labelled and where a number is missing', () => {
    const [full, lacking] = [onlyAuroc({ sun: 0.5, places: 0.5 }), measured('auroc', { Energy: { sun: 0.6 } })];
    const run = { ...full, results: [...full.results, ...lacking], accuracy: null };
    expect(terminalTable(run, plain)).toContain('ID accuracy —');
    expect(terminalTable(run, plain)).toContain(' Energy   60.00*       —');
  });

  it('calls the metric of a plugin by its name', () => {
    const run = finishedRun({ metrics: [{ name: 'toString', better: 'higher' }] });
    expect(terminalTable(run, plain)).toContain(' toString ↑ ');
  });

  it('says first which sets have images in common, and tells what the machine left out from what is unreadable', () => {
    const unreadable = [
      { image: 'a.jpg', reason: 'its process was ended (SIGKILL)', cause: 'machine' as const },
      { image: 'b.jpg', reason: 'it ends early' },
    ];
    const set = (name: string, role: 'id' | 'fit' | 'ood') => ({ dataset: name, role });
    const overlaps = [
      { sets: [set('train', 'fit'), set('sun', 'ood')] as const, images: 1200, example: 'x.jpg' },
      { sets: [set('known', 'fit'), set('known', 'id')] as const, images: 5, example: 'y.jpg' },
      { sets: [set('known', 'id'), set('sun', 'ood')] as const, images: 1, example: 'z.jpg' },
    ];
    const text = terminalTable(
      finishedRun({ overlaps, datasets: { sun: { ...dataset('ood', 480), unreadable } } }),
      plain,
    );
    expect(text).toContain(
      [
        '',
        'Sets that share images',
        '  1,200 images of train (fit) also in sun (OOD), for example x.jpg: detectors that learn were tested on images they learned from',
        '  known is both the fit and the ID set: detectors that learn were tested on images they learned from',
        '  1 image of known (ID) also in sun (OOD), for example z.jpg: both in and out of distribution',
        '',
      ].join('\n'),
    );
    expect(text).toContain('\n1 of 480 images of sun left out as unreadable\n  b.jpg: it ends early\n');
    expect(text).toContain(
      '\n1 of 480 images of sun left out because of this machine, not because of their content; the next run retries them\n  a.jpg: its process',
    );
  });

  it('lists failed detectors and unreadable images below the table', () => {
    const failed = [{ detector: 'Mine', code: 'OOD_DETECTOR_FAILED', message: 'scoreRows threw\n  x is undefined' }];
    const unreadable = Array.from({ length: 12 }, (_, at) => ({ image: `${at}.jpg`, reason: 'it ends early' }));
    const text = terminalTable(
      finishedRun({ failed, datasets: { sun: { ...dataset('ood', 480), unreadable } } }),
      plain,
    );
    expect(text).toContain('\n\n1 detector failed\n  Mine: scoreRows threw; x is undefined [OOD_DETECTOR_FAILED]\n');
    expect(text).toContain('\n\n12 of 480 images of sun left out as unreadable\n  0.jpg: it ends early\n');
    expect(text).toContain('\n  9.jpg: it ends early\n  and 2 more; results.json lists all\n');
  });

  it('tells measurements that failed from detectors that did', () => {
    const failed = [
      { detector: 'Mine', code: 'OOD_DETECTOR_FAILED', message: 'no' },
      { detector: 'Energy', code: 'OOD_METRIC_FAILED', message: 'the metric "m" failed: no idea' },
    ];
    expect(terminalTable(finishedRun({ failed }), plain)).toContain(
      '\n1 detector failed\n  Mine: no [OOD_DETECTOR_FAILED]\n\n1 measurement failed\n  Energy: the metric "m" failed: no idea [OOD_METRIC_FAILED]\n',
    );
  });

  it('draws no empty table when every detector failed', () => {
    const failed = [{ detector: 'Mine', code: 'OOD_DETECTOR_FAILED', message: 'no' }];
    expect(terminalTable(finishedRun({ results: [], failed }), plain)).toBe(
      `two-sets

ID accuracy 76.13 %  photographs, 1,200 images

1 detector failed
  Mine: no [OOD_DETECTOR_FAILED]
`,
    );
  });

  it('lets no name from outside control the terminal', () => {
    const unreadable = [{ image: 'a\x1b[2J\nb\u202e.jpg', reason: 'it ends early' }];
    const text = terminalTable(finishedRun({ datasets: { sun: { ...dataset('ood', 2), unreadable } } }), plain);
    expect(text).toContain('  a\\x1b[2J\\x0ab\\u202e.jpg: it ends early');
  });

  it('has no average where there is one set', () => {
    expect(terminalTable(onlyAuroc({ sun: 0.5, average: 0.5 }), plain)).not.toContain('average');
  });

  it('counts no detector as best that gave all images the same score, and says so', () => {
    const results = measured('auroc', { MSP: { sun: 0.9 }, Flat: { sun: 0.95 }, Energy: { sun: 0.8 } });
    const text = terminalTable(finishedRun({ metrics: [auroc], results, constant: ['Flat'] }), plain);
    expect(text).toMatch(/ MSP +90\.00\*\n Flat +95\.00\n/);
    expect(text).toContain('Meaningless numbers\n  Flat gave all images the same score\n');
  });
});

it.each([
  ['textures', 'textures'],
  ['unseen-shapes', 'unseen-\nshapes'],
  ['a-b-c-d-e-f-g', 'a-b-c-d-\ne-f-g'],
  ['imagenet val v2', 'imagenet\nval v2'],
  ['near_ood', 'near_ood'],
  ['inaturalist', 'inaturalist'],
  ['-', '-'],
])('folds %j', (name, folded) => {
  expect(fold(name)).toBe(folded);
});
