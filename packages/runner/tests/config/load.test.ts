import { describe, expect, it } from '@jest/globals';
import { join } from 'node:path';
import { describeError, imageParameters, z } from '@farout/core';
import { builtIn, correct, experimentFolder, folderOf, load, mistakesIn, summary } from './fixture.ts';
import { furtherMistakeCases } from './further-mistake-cases.ts';
import { mistakeCases } from './mistake-cases.ts';
import { misunderstandingCases } from './misunderstanding-cases.ts';

describe('a correct experiment', () => {
  it('comes with every part found, every default filled in and every path absolute', async () => {
    const folder = experimentFolder(correct);
    const experiment = await load(folder);
    expect(experiment).toMatchObject({
      file: join(folder, 'experiment.yaml'),
      ...{ name: 'test', seed: 0, device: 'cpu', id: ['photographs'], fit: 'photographs', ood: ['textures', 'sun'] },
      ...{ onUnreadable: 'skip', store: undefined },
      metrics: [{ name: 'fpr95' }],
    });
    expect(experiment.backbone.params).toEqual({
      ...z.object(imageParameters).parse({}),
      weights: join(folder, 'model.pth'),
    });
    expect([...experiment.datasets].map(([name, { params }]) => [name, params.root])).toEqual([
      ['photographs', join(folder, 'images/photographs')],
      ['textures', join(folder, 'images/textures')],
      ['sun', join(folder, 'images/sun')],
    ]);
  });

  it('has detectors with their hooks, scorer, origin and places', async () => {
    const { detectors } = await load(experimentFolder(correct));
    expect(detectors.map(({ name }) => name)).toEqual(['Energy', 'ReAct']);
    const { hooks, scorer } = detectors[1]!;
    expect(hooks[0]).toMatchObject({
      definition: builtIn.hooks![0],
      params: { percentile: 90 },
      origin: '@test/parts 1.2.3',
      place: { file: 'experiment.yaml', line: 16, column: 11, length: 5 },
    });
    expect(hooks[0]!.placeOf('percentile')).toMatchObject({ line: 16, column: 32, length: 2 });
    expect(scorer.placeOf('temperature')).toBe(scorer.place);
    expect(scorer.params).toEqual({ temperature: 1 });
  });

  it('may have several ID sets, which are resolved to a list where there are more than one', async () => {
    const { id, resolved } = await load(experimentFolder(correct));
    expect([id, resolved]).toMatchObject([['photographs'], { id: 'photographs' }]);
    const several = correct
      .replace('id: photographs', 'id: [sun, photographs]')
      .replace('[textures, sun]', '[textures]');
    const experiment = await load(experimentFolder(several));
    expect(experiment.id).toEqual(['sun', 'photographs']);
    expect(experiment.resolved).toMatchObject({ id: ['sun', 'photographs'] });
    const elsewhere = folderOf({ 'experiment.yaml': JSON.stringify(experiment.resolved) });
    expect((await load(elsewhere)).resolved).toEqual(experiment.resolved);
    const alone = await load(experimentFolder(correct.replace('id: photographs', 'id: [photographs]')));
    expect(alone.resolved).toMatchObject({ id: 'photographs' });
  });

  it('is resolved to plain data that is the same experiment again, in any folder', async () => {
    const { resolved } = await load(experimentFolder(`${correct}seed: 7\n`));
    expect(resolved).toMatchObject({ seed: 7, detectors: { Energy: [{ energy: { temperature: 1 } }] } });
    const elsewhere = folderOf({ 'experiment.yaml': JSON.stringify(resolved) });
    expect((await load(elsewhere)).resolved).toEqual(resolved);
  });

  it('says which variables it read, and what they were', async () => {
    const yaml = correct.replace('name: test', 'name: ${WHO}-${RUN:-first}').concat('seed: ${SEED}\n');
    const env = { WHO: 'ada', SEED: '3', UNUSED: 'x' };
    const experiment = await load(experimentFolder(yaml), { env });
    expect(experiment).toMatchObject({ name: 'ada-first', seed: 3 });
    expect(experiment.variables).toEqual({ WHO: 'ada', SEED: '3' });
    expect((await load(experimentFolder(correct))).variables).toEqual({});
  });

  it('may hold published numbers of its detectors, sets and metrics, which stay a part of it', async () => {
    const published = { ReAct: { sun: { fpr95: 0.242 }, textures: { fpr95: 0.473 }, average: { fpr95: 0.3575 } } };
    const experiment = await load(experimentFolder(`${correct}published: ${JSON.stringify(published)}\n`));
    expect(experiment.published).toEqual(published);
    expect(experiment.resolved).toMatchObject({ published });
    expect((await load(experimentFolder(correct))).resolved).not.toHaveProperty('published');
  });

  it('may have groups of its OOD sets, with published numbers of their own', async () => {
    const groups = { near: ['sun', 'textures'], far: ['textures'] };
    const published = { ReAct: { near: { fpr95: 0.2 } } };
    const yaml = `${correct}groups: ${JSON.stringify(groups)}\npublished: ${JSON.stringify(published)}\n`;
    const experiment = await load(experimentFolder(yaml));
    expect(experiment).toMatchObject({ groups, published });
    expect(experiment.resolved).toMatchObject({ groups, published });
    const plain = await load(experimentFolder(correct));
    expect(plain.groups).toEqual({});
    expect(plain.resolved).not.toHaveProperty('groups');
  });

  it('may hold published averages alone, and metrics of the default', async () => {
    const yaml = correct.replace('metrics: [fpr95]', 'published: { Energy: { average: { fpr95: 0, auroc: 1 } } }');
    expect((await load(experimentFolder(yaml))).published).toEqual({ Energy: { average: { fpr95: 0, auroc: 1 } } });
  });

  it('needs no more than name, backbone, id, ood and detectors', async () => {
    const least = correct.replace('fit: photographs\n', '').replace(/ {2}ReAct.*\nmetrics.*\n/, '');
    expect(await load(experimentFolder(least))).toMatchObject({
      fit: undefined,
      metrics: [{ name: 'fpr95' }, { name: 'auroc' }],
    });
  });

  it('must list its metrics where no plugin brings any that are measured by default', async () => {
    const metrics = builtIn.metrics!.map(({ name, better, value }) => ({ name, better, value }));
    const builtIns = [{ plugin: { ...builtIn, metrics }, version: '1.2.3' }];
    expect((await load(experimentFolder(correct), { builtIns })).metrics).toEqual([metrics[0]]);
    const errors = await mistakesIn(experimentFolder(correct.replace('metrics: [fpr95]\n', '')), { builtIns });
    expect(errors).toMatchObject([{ code: 'OOD_CONFIG_TYPE', message: 'the experiment has no "metrics"' }]);
  });

  it('takes a part without parameters also as a key with nothing after it, and anchors with aliases', async () => {
    const yaml = correct
      .replace('Energy: energy', 'Energy: &energy { energy: }')
      .replace('{ percentile: 90 }, energy', '{ percentile: 90 }, *energy');
    expect((await load(experimentFolder(yaml))).detectors[1]!.scorer.params).toEqual({ temperature: 1 });
  });

  it('takes numbers as names of datasets and detectors where they are keys', async () => {
    const yaml = correct.replace('  Energy: energy', '  2012: energy\n  1e3: msp');
    expect((await load(experimentFolder(yaml))).detectors.map(({ name }) => name)).toEqual(['2012', '1e3', 'ReAct']);
  });

  it('keeps a store in the folder of the user, whatever folder the experiment lies in', async () => {
    const cwd = folderOf({});
    const file = join(experimentFolder(`${correct}store: ./shared\n`), 'experiment.yaml');
    expect((await load(cwd, { file })).store).toBe(join(cwd, 'shared'));
  });

  it('does not ask for a dataset that has no role to be there, but checks how it is written', async () => {
    const unused = (kind: string) => correct.replace('id: ph', `  unused:\n    ${kind}: { root: absent }\nid: ph`);
    expect((await load(experimentFolder(unused('image-folder')))).datasets.has('unused')).toBe(false);
    expect(summary(await mistakesIn(experimentFolder(unused('image-fold'))))).toEqual([
      'experiment.yaml:12:5 OOD_UNKNOWN_DATASET',
    ]);
  });
});

describe('a mistake in an experiment', () => {
  it.each([...mistakeCases, ...furtherMistakeCases, ...misunderstandingCases])(
    'is reported at its place: $title',
    async ({ from, to, code, line, column, fix, message }) => {
      const yaml = from === undefined ? to : correct.replace(from, to);
      if (from !== undefined) expect(correct).toContain(from);
      const errors = await mistakesIn(experimentFolder(yaml));
      expect(errors).toHaveLength(1);
      expect(errors[0]).toMatchObject({
        code,
        place: { file: 'experiment.yaml', line, column },
        fix: expect.stringContaining(fix) as unknown,
      });
      if (message !== undefined) expect(errors[0]!.message).toBe(message);
      expect(errors[0]!.kind).toBe('request');
      expect(describeError(errors[0]!)).not.toMatch(/^\s*at /m);
    },
  );

  it('is shown with its line, its fix and its choices', async () => {
    const [error] = await mistakesIn(experimentFolder(correct.replace('Energy: energy', 'Energy: enrgy')));
    expect(describeError(error!)).toBe(
      [
        'experiment.yaml:15:11  unknown scorer "enrgy"',
        '',
        '  14 | detectors:',
        '> 15 |   Energy: enrgy',
        '     |           ^^^^^',
        '  16 |   ReAct: [react: { percentile: 90 }, energy]',
        '',
        'Did you mean "energy"?   Available scorers: energy, msp.',
        '[OOD_UNKNOWN_SCORER]',
      ].join('\n'),
    );
  });

  it('says of missing weights where they are published', async () => {
    const folder = experimentFolder(correct.replace('model.pth', 'tiny.pth'));
    const [error] = await mistakesIn(folder);
    expect(describeError(error!)).toBe(
      [
        `experiment.yaml:3:20  the weights of tiny are missing: there is no file ${join(folder, 'tiny.pth')}`,
        '',
        '  2 | backbone:',
        '> 3 |   tiny: { weights: tiny.pth }',
        '    |                    ^^^^^^^^',
        '  4 | datasets:',
        '',
        'Load tiny-0123abcd.pth (1.5 kB; SHA-256 0123abcd…) from https://weights.example/tiny-0123abcd.pth, under CC0-1.0. ' +
          `Or: Correct "weights", a path relative to ${folder}.`,
        '[OOD_MISSING_WEIGHTS]',
      ].join('\n'),
    );
  });

  it('does not hide the others: all are reported, from the top of the file', async () => {
    const yaml = correct
      .replace('name: test', 'name: test\nseed: ten')
      .replace('images/sun', '"${NO_SUCH_VARIABLE}/sun"')
      .replace('Energy: energy', 'Energy: { energy: { temprature: 1 } }')
      .replace('percentile: 90', 'percentile: 101')
      .replace('[fpr95]', '[fpr96]')
      .replace('model.pth', 'absent.pth');
    expect(summary(await mistakesIn(experimentFolder(yaml)))).toEqual([
      'experiment.yaml:2:7 OOD_CONFIG_TYPE',
      'experiment.yaml:4:20 OOD_MISSING_WEIGHTS',
      'experiment.yaml:11:28 OOD_UNSET_VARIABLE',
      'experiment.yaml:16:23 OOD_BAD_PARAMETER',
      'experiment.yaml:17:32 OOD_BAD_PARAMETER',
      'experiment.yaml:18:11 OOD_UNKNOWN_METRIC',
    ]);
  });

  it('does not make published numbers wrong that cannot be judged because of it', async () => {
    const published = 'published: { ReAct: { sun: { fpr95: 0.2 } } }';
    const yaml = `${correct.replace('[textures, sun]', '["${NO_SUCH_VARIABLE}"]').replace('[fpr95]', 'fpr95')}${published}`;
    expect(summary(await mistakesIn(experimentFolder(yaml)))).toEqual([
      'experiment.yaml:13:8 OOD_UNSET_VARIABLE',
      'experiment.yaml:17:10 OOD_CONFIG_TYPE',
    ]);
  });

  it('is reported once where an alias repeats it', async () => {
    const yaml = correct
      .replace('Energy: energy', 'Energy: &energy { energy: { temperature: 0 } }')
      .replace('{ percentile: 90 }, energy', '{ percentile: 90 }, *energy');
    expect(summary(await mistakesIn(experimentFolder(yaml)))).toEqual(['experiment.yaml:15:44 OOD_BAD_PARAMETER']);
  });
});

describe('the file of an experiment', () => {
  it('is called by its path relative to the folder of the user when it lies below', async () => {
    const folder = experimentFolder('');
    const request = { cwd: join(folder, '..'), file: join(folder, 'experiment.yaml') };
    expect((await mistakesIn(folder, request))[0]!.place!.file).toMatch(/^farout-config-\w+.experiment\.yaml$/);
    const [elsewhere] = await mistakesIn(folder, { ...request, cwd: folderOf({}) });
    expect(elsewhere!.place!.file).toBe(request.file);
  });

  it('is refused when it does not exist, is a folder, is no text, or is longer than 1 MiB', async () => {
    const codes = async (folder: string, file = 'experiment.yaml') =>
      (await mistakesIn(folder, { file })).map(({ code }) => code);
    expect(await codes(folderOf({}))).toEqual(['OOD_MISSING_FILE']);
    expect(await codes(folderOf({}), '.')).toEqual(['OOD_MISSING_FILE']);
    expect(await codes(experimentFolder(Uint8Array.of(0xff, 0xfe, 0x41)))).toEqual(['OOD_CONFIG_SYNTAX']);
    expect(await codes(experimentFolder('#'.repeat(2 ** 20 + 1)))).toEqual(['OOD_CONFIG_SYNTAX']);
  });

  it('may begin with a byte order mark and have Windows line ends', async () => {
    const yaml = `\uFEFF${correct.replaceAll('\n', '\r\n')}`;
    expect((await load(experimentFolder(yaml))).name).toBe('test');
    const [error] = await mistakesIn(experimentFolder(yaml.replace('name: test', 'nome: test\r\nname: test')));
    expect(error!.place).toMatchObject({ line: 1, column: 1, length: 4 });
  });

  it('cannot grow beyond all bounds by aliases or by nesting', async () => {
    const laughs = [
      'a0: &a0 [x]',
      ...Array.from({ length: 20 }, (_, i) => `a${i + 1}: &a${i + 1} [${`*a${i},`.repeat(9)}]`),
    ];
    for (const yaml of [laughs.join('\n'), 'a: &a [*a]', '['.repeat(5000), `${'['.repeat(200)}${']'.repeat(200)}`]) {
      expect((await mistakesIn(experimentFolder(yaml))).map(({ code }) => code)).toEqual(['OOD_CONFIG_SYNTAX']);
    }
  });

  it('can name nothing __proto__', async () => {
    for (const yaml of [`${correct}__proto__: { polluted: 1 }\n`, correct.replace('Energy:', '__proto__:')]) {
      const errors = await mistakesIn(experimentFolder(yaml));
      expect(errors.map(({ code, message }) => [code, message])).toEqual([
        ['OOD_UNKNOWN_KEY', '"__proto__" is not allowed as a name'],
      ]);
    }
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });
});
