import { describe, expect, it } from '@jest/globals';
import { substituteVariables } from '../../src/config/yaml.ts';
import { correct, experimentFolder, load, mistakesIn, summary } from './fixture.ts';

describe('variables', () => {
  it.each([
    ['a variable that is set', '${A}/x', { A: 'a' }, 'a/x'],
    ['several, side by side', '${A}${B_2}', { A: 'a', B_2: 'b' }, 'ab'],
    ['the variable before the default', '${A:-d}', { A: 'a' }, 'a'],
    ['the default of an unset variable', '${A:-d e}', {}, 'd e'],
    ['the default of an empty variable', '${A:-d}', { A: '' }, 'd'],
    ['an empty default', 'x${A:-}y', {}, 'xy'],
    ['an empty variable without a default', 'x${A}y', { A: '' }, 'xy'],
    ['a value that looks like a reference, once', '${A}', { A: '${B}', B: 'b' }, '${B}'],
    ['text with other dollars', '$A $(A) {A}', { A: 'a' }, '$A $(A) {A}'],
  ])('are replaced: %s', (_title, text, env, expected) => {
    expect(substituteVariables(text, env)).toEqual({ text: expected, bad: [] });
  });

  it.each([
    ['${A}', 'A'],
    ['${toString}', 'toString'],
    ['${}', undefined],
    ['${A:?message}', undefined],
    ['${1A}', undefined],
  ])('are listed when they cannot be replaced: %s', (text, variable) => {
    expect(substituteVariables(text, {}).bad).toEqual([expect.objectContaining({ variable })]);
  });

  const withLimit = (limit: string) => correct.replace('images/sun }', `images/sun, limit: ${limit} }`);

  it('give numbers where nothing is quoted', async () => {
    const yaml = correct.replace('name: test', 'name: test\nseed: ${SEED:-7}');
    expect((await load(experimentFolder(yaml))).seed).toBe(7);
    expect((await load(experimentFolder(yaml), { env: { SEED: '12' } })).seed).toBe(12);
  });

  it('give text where something is', async () => {
    const errors = await mistakesIn(experimentFolder(withLimit('"${LIMIT:-7}"')));
    expect(errors.map(({ message }) => message)).toEqual(['"limit" of image-folder must be a number, but is "7"']);
  });

  it('cannot become YAML, whatever they hold', async () => {
    const yaml = correct.replace('name: test', 'name: ${NAME}');
    for (const NAME of ['{ a }', '[a]', 'a\nseed: 1', '- a', '&a b', '!!int 5', '*a', "'quoted'"]) {
      const loaded = load(experimentFolder(yaml), { env: { NAME } });
      const expected = /[*\n]/.test(NAME) ? undefined : NAME;
      if (expected === undefined) await expect(loaded).rejects.toMatchObject({ code: 'OOD_CONFIG_TYPE' });
      else expect((await loaded).name).toBe(expected);
    }
  });

  it('that are not set are reported each, and nothing else about the value', async () => {
    const yaml = correct
      .replace('images/sun', '"${ONE}/${TWO}"')
      .replace('id: photographs', 'id: ${THREE}')
      .replace('percentile: 90', 'percentile: "${FOUR}"');
    expect(summary(await mistakesIn(experimentFolder(yaml)))).toEqual([
      'experiment.yaml:10:28 OOD_UNSET_VARIABLE',
      'experiment.yaml:10:35 OOD_UNSET_VARIABLE',
      'experiment.yaml:11:5 OOD_UNSET_VARIABLE',
      'experiment.yaml:16:33 OOD_UNSET_VARIABLE',
    ]);
  });
});
