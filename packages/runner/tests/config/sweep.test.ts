import { describe, expect, it } from '@jest/globals';
import { correct, experimentFolder, load, mistakesIn, summary } from './fixture.ts';

/** A correct experiment with this as its detector ReAct. */
const withReact = (detector: string) => correct.replace('[react: { percentile: 90 }, energy]', detector);

/** The detectors of an experiment: the name of each with the parameters of its parts. */
async function rowsOf(yaml: string, set: readonly string[] = []) {
  const { detectors } = await load(experimentFolder(yaml), { set: [...set] });
  return detectors.map(({ name, hooks, scorer }) => [name, [...hooks, scorer].map(({ params }) => params)]);
}

const messages = async (detector: string) =>
  (await mistakesIn(experimentFolder(withReact(detector)))).map(({ message }) => message);

describe('a parameter that lists several values', () => {
  it('makes a detector of each, called by its value', async () => {
    expect(await rowsOf(withReact('[react: { percentile: { sweep: [80, 90] } }, energy]'))).toEqual([
      ['Energy', [{ temperature: 1 }]],
      ['ReAct (percentile 80)', [{ percentile: 80 }, { temperature: 1 }]],
      ['ReAct (percentile 90)', [{ percentile: 90 }, { temperature: 1 }]],
    ]);
  });

  it('is combined with every other, the last one running fastest', async () => {
    const yaml = withReact('[react: { c: { sweep: [1, 2] } }, energy: { temperature: { sweep: [1, 10] } }]');
    expect((await rowsOf(yaml)).map(([name]) => name)).toEqual([
      'Energy',
      'ReAct (c 1, temperature 1)',
      'ReAct (c 1, temperature 10)',
      'ReAct (c 2, temperature 1)',
      'ReAct (c 2, temperature 10)',
    ]);
  });

  it('is called with its part where two parameters have one name, by number where two parts have', async () => {
    const yaml = withReact('[react: { c: { sweep: [1] } }, react: { c: { sweep: [2] } }, energy]');
    expect((await rowsOf(yaml))[1]![0]).toBe('ReAct (0 react c 1, 1 react c 2)');
  });

  it('may be that of a scorer alone, and be set on the command line', async () => {
    const rows = await rowsOf(correct, ['detectors.Energy={ energy: { temperature: { sweep: [1, 2] } } }']);
    expect(rows.map(([name]) => name)).toEqual(['Energy (temperature 1)', 'Energy (temperature 2)', 'ReAct']);
  });

  it('is written in the resolved experiment as the detectors that it makes', async () => {
    const yaml = withReact('[react: { c: { sweep: [1, 2] } }, energy]');
    const { resolved } = await load(experimentFolder(yaml));
    expect(resolved).toMatchObject({
      detectors: { 'ReAct (c 2)': [{ react: { c: 2 } }, { energy: { temperature: 1 } }] },
    });
  });

  it('may have published numbers for each of its rows', async () => {
    const yaml = `${withReact('[react: { c: { sweep: [1, 2] } }, energy]')}published: { ReAct (c 2): { sun: { fpr95: 0.5 } } }\n`;
    expect(await mistakesIn(experimentFolder(yaml))).toEqual([]);
  });
});

describe('a mistaken list of values', () => {
  it('is reported at the value that is wrong', async () => {
    const yaml = withReact('[react: { percentile: { sweep: [80, 190] } }, energy]');
    const column = yaml.split('\n').at(15)!.indexOf('190') + 1;
    expect(summary(await mistakesIn(experimentFolder(yaml)))).toEqual([
      `experiment.yaml:16:${column} OOD_BAD_PARAMETER`,
    ]);
  });

  it.each([
    ['[react: { percentile: { sweep: 90 } }, energy]', '"sweep" of react.percentile must be a list of values'],
    ['[react: { percentile: { sweep: [] } }, energy]', '"sweep" of react.percentile must be a list of values'],
    ['[react: { percentile: { sweep: [80, 80] } }, energy]', 'the sweep of react.percentile lists 80 twice'],
    ['[react: { percentil: { sweep: [80, 90] } }, energy]', 'react has no parameter "percentil"'],
    [
      `[react: { c: { sweep: [${Array.from({ length: 1001 }, (_, i) => i + 1).join(', ')}] } }, energy]`,
      'the sweeps of "ReAct" have 1001 points in total, more than 1000',
    ],
  ])('is reported once: %s', async (detector, message) => {
    expect(await messages(detector)).toEqual([message]);
  });

  it('is one whose rows have the name of another detector', async () => {
    const yaml = withReact('[react: { c: { sweep: [1] } }, energy]').replace('Energy:', '"ReAct (c 1)":');
    expect((await mistakesIn(experimentFolder(yaml))).map(({ code }) => code)).toEqual(['OOD_DUPLICATE_NAME']);
  });
});
