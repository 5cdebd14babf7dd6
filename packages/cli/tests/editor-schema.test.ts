import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { editorSchema, loadCatalogue } from '@farout/runner';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { parse } from 'yaml';
import { builtIns } from '../src/built-ins.ts';

const configs = fileURLToPath(new URL('../../../configs', import.meta.url));
const names = readdirSync(configs).filter((name) => name.endsWith('.yaml'));
const read = (name: string) => parse(readFileSync(`${configs}/${name}`, 'utf8')) as Record<string, unknown>;

let schema: Record<string, unknown>;
let valid: ValidateFunction;
beforeAll(async () => {
  schema = editorSchema(await loadCatalogue({ builtIns, plugins: [] }));
  valid = new Ajv2020({ strict: false }).compile(schema);
});

/** One thing wrong with the demonstration, as an editor would underline it. */
const wrong: Record<string, object> = {
  'a key that does not exist': { detektors: {} },
  'an unknown backbone': { backbone: { 'resnet-50': {} } },
  'an unknown scorer': { detectors: { Energy: 'enrgy' } },
  'a hook with an unknown parameter': { detectors: { ReAct: [{ react: { percentil: 90 } }, 'energy'] } },
  'a temperature that is no number': { detectors: { Energy: { energy: { temperature: 'hot' } } } },
  'a dataset that lacks what it needs': { datasets: { objects: { 'demo-images': { set: 'objects' } } } },
  'an unknown metric': { metrics: ['accuracy'] },
  'a ratio of a metric that does not depend on the sizes': { metrics: [{ auroc: { ratio: 1 } }] },
  'a ratio that is none': { metrics: [{ 'aupr-in': { ratio: 0 } }] },
  'a group that is no list': { groups: { near: 'noise' } },
  'an empty group': { groups: { near: [] } },
  'an unknown device': { device: 'tpu' },
};

describe('the schema for editors', () => {
  it.each(names)('takes %s', (name) => {
    expect({ valid: valid(read(name)), errors: valid.errors }).toEqual({ valid: true, errors: null });
  });

  it.each(Object.entries(wrong))('refuses %s', (_, change) => {
    expect(valid({ ...read('demo.yaml'), ...change })).toBe(false);
  });

  it('takes an experiment that lacks what it may have from another, and none that lacks it otherwise', () => {
    expect(valid({ extends: 'base.yaml', seed: 1 })).toBe(true);
    expect(valid({ extends: ['base.yaml', 'more.yaml'] })).toBe(true);
    expect(valid({ extends: 1 })).toBe(false);
    expect(valid({ seed: 1 })).toBe(false);
  });

  it('takes all the ways to write a part', () => {
    const detectors = { A: 'msp', B: { msp: null }, C: { energy: { temperature: 2 } }, D: ['react', 'energy'] };
    expect({ valid: valid({ ...read('demo.yaml'), detectors }), errors: valid.errors }).toEqual({
      valid: true,
      errors: null,
    });
  });

  it('takes several values for a parameter of a detector, and only those that the parameter takes', () => {
    const takes = (percentile: unknown) =>
      valid({ ...read('demo.yaml'), detectors: { ReAct: [{ react: { percentile } }, 'energy'] } });
    expect(takes({ sweep: [80, 90] })).toBe(true);
    expect([{ sweep: [] }, { sweep: ['many'] }, { sweep: 80 }, { sweeep: [80] }].map(takes)).not.toContain(true);
  });

  it('takes which points of a sweep are shown, for all detectors or for single ones', () => {
    const takes = (show: unknown) => valid({ ...read('demo-sweep.yaml'), select: { id: 'judged', show } });
    expect(['chosen', 'all', { ReAct: 'all' }, {}].map(takes)).not.toContain(false);
    expect(['some', ['all'], { ReAct: 'some' }].map(takes)).not.toContain(true);
  });

  it('takes groups, and published numbers of them', () => {
    const change = { groups: { far: ['noise', 'textures'] }, published: { MSP: { far: { auroc: 0.8523 } } } };
    expect(valid({ ...read('demo.yaml'), ...change })).toBe(true);
  });

  it('takes metrics at a ratio of the sets', () => {
    expect(valid({ ...read('demo.yaml'), metrics: ['auroc', { 'aupr-in': { ratio: 1 } }] })).toBe(true);
  });

  it('says which metrics are measured where none is listed, as docs/experiment.md does', () => {
    expect(schema.properties).toMatchObject({ metrics: { default: ['fpr95', 'auroc'] } });
  });
});
