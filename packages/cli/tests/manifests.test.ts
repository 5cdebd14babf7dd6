import { copyFileSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { manifestsAround, manifestsFor, type Manifest } from '@farout/acquire';
import type { FaroutError, FaroutErrors } from '@farout/core';
import { loadExperiment } from '@farout/runner';
import { parse } from 'yaml';
import { builtIns } from '../src/built-ins.ts';
import { Replica, smallNetwork } from './replica.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const files = readdirSync(path.join(root, 'datasets')).filter((name) => name.endsWith('.yaml'));
const defined = files
  .filter((file) => {
    const document = parse(readFileSync(path.join(root, 'datasets', file), 'utf8')) as object;
    return Object.keys(document).some((key) => key !== 'source');
  })
  .map((file) => path.basename(file, '.yaml'));

const clone = new Replica();
let manifests: ReadonlyMap<string, Manifest>;
let missing: readonly FaroutError[];

beforeAll(async () => {
  mkdirSync(clone.path('datasets'));
  for (const file of files) copyFileSync(path.join(root, 'datasets', file), clone.path(`datasets/${file}`));
  const [id, ...ood] = defined;
  clone.write('configs/all.yaml', JSON.stringify({ name: 'all', id, ood, detectors: { MSP: 'msp' } }));
  manifests = await manifestsAround(clone.folder);
  const request = { file: 'configs/all.yaml', set: [...smallNetwork], cwd: clone.folder, env: {}, builtIns };
  missing = await loadExperiment(request).then(
    () => [],
    (error: unknown) => (error as FaroutErrors).errors,
  );
});
afterAll(() => clone.remove());

describe('the manifests of the repository', () => {
  it('are there for the sets of the paper, of its CIFAR experiments, and of OpenOOD', () => {
    const names = [
      'imagenet-train',
      'imagenet-200',
      'imagenet-c',
      'imagenet-r',
      'imagenet-v2',
      'cifar-10',
      'cifar-100',
    ];
    names.push(
      'svhn',
      'lsun-crop',
      'lsun-resize',
      'isun',
      'tiny-imagenet',
      'mnist',
      'places365',
      'ninco',
      'openimage-o',
    );
    names.push('openood-lists', 'openood-ssb-hard', 'openood-imagenet', 'openood-cifar10', 'openood-cifar100');
    expect([...manifests.keys()]).toEqual(expect.arrayContaining(names));
  });

  it('define datasets that lack nothing but their files, which the manifest of the same name gives', () => {
    expect(new Set(missing.map(({ code }) => code))).toEqual(new Set(['OOD_MISSING_FILE']));
    const lacking = new Set<string>();
    for (const { missing: file, place } of missing) {
      const name = path.basename(place!.file, '.yaml');
      const gives = manifestsFor(file!, [manifests.get(name)!]);
      expect({ name, file, gives: gives.map((each) => each.name) }).toEqual({ name, file, gives: [name] });
      lacking.add(name);
    }
    expect([...lacking].sort()).toEqual([...defined].sort());
  });
});
