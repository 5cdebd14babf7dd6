import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { backbones, mobilenetV2, mobilenetV2V2, resnet50, resnet50V2 } from '../src/index.ts';

interface Written {
  readonly source: {
    readonly title: string;
    readonly role: string;
    readonly files: readonly { readonly path: string }[];
  };
}

const manifest = (name: string) =>
  (parse(readFileSync(new URL(`../models/${name}.yaml`, import.meta.url), 'utf8')) as Written).source;

describe('the published weights of backbones', () => {
  it('are those of a manifest that comes with the package, whose file name has the digits that torchvision gave it', () => {
    const taken = backbones.backbones!.flatMap(({ name, published }) =>
      published ? [[name, manifest(published.manifest).files.map(({ path }) => path)]] : [],
    );
    expect(Object.fromEntries(taken)).toEqual({
      resnet50: ['resnet50-0676ba61.pth'],
      'resnet50-v2': ['resnet50-11ad3fa6.pth'],
      'mobilenet-v2': ['mobilenet_v2-b0353104.pth'],
      'mobilenet-v2-v2': ['mobilenet_v2-7ebf99e0.pth'],
      resnet18: ['resnet18-f37072fd.pth'],
    });
  });

  it.each([
    [resnet50V2.name, resnet50, resnet50V2],
    [mobilenetV2V2.name, mobilenetV2, mobilenetV2V2],
  ])('of the newer recipe take images of 232 pixels, and are the same network: %s', (_, older, newer) => {
    const params = (backbone: typeof older) => backbone.params.parse({ weights: 'a.pth' });
    expect(params(newer)).toEqual({ ...params(older), resize: 232 });
    expect(newer.open).toBe(older.open);
  });
});
