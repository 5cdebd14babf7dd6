import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { findWeights } from '../src/torch/find-weights.ts';
import { readCheckpoint } from '../src/torch/read-checkpoint.ts';
import { elementTypes, StorageRecord, TensorRecord } from '../src/torch/records.ts';
import { inFolder, pythonWith } from './parts/surroundings.ts';

const tensor = (type: keyof typeof elementTypes) =>
  new TensorRecord(new StorageRecord('0', elementTypes[type], 2), 0, [2], [1]);

const weights = new Map([['fc.weight', tensor('float32')]]);

describe('findWeights', () => {
  it('takes a dictionary of tensors as it is', () => {
    expect(findWeights(weights)).toEqual({ tensors: weights });
  });

  it.each(['state_dict', 'model_state_dict', 'model'])('finds them under "%s", whatever is beside them', (place) => {
    const beside = new Map<unknown, unknown>([
      ['epoch', 3],
      ['optimizer', new Map([[0, tensor('bool')]])],
      [place, weights],
      ['ema', weights],
    ]);
    expect(findWeights(beside).tensors).toEqual(weights);
  });

  const kernel = (...shape: number[]) => {
    const length = shape.reduce((a, b) => a * b, 1);
    return new TensorRecord(
      new StorageRecord('0', elementTypes.float32, length),
      0,
      shape,
      shape.map((_, i) => shape.slice(i + 1).reduce((a, b) => a * b, 1)),
    );
  };
  const network = (...prefix: string[]) =>
    new Map(
      prefix.flatMap((word) => [[`${word}fc.weight`, kernel(3, 2)] as const, [`${word}fc.bias`, kernel(3)] as const]),
    );
  const [plain, ema] = [network(''), network('')];

  it.each([
    ['timm', { state_dict: plain, state_dict_ema: ema }, 'state_dict', 'state_dict_ema'],
    ["torchvision's scripts", { model: plain, model_ema: network('module.') }, 'model', 'model_ema'],
    [
      'scripts of one own',
      {
        model: plain,
        ema: new Map<string, unknown>([
          ['module', ema],
          ['updates', 7],
        ]),
      },
      'model',
      'ema.module',
    ],
    [
      'mmengine',
      { meta: new Map(), state_dict: plain, ema_state_dict: ema, optimizer: new Map() },
      'state_dict',
      'ema_state_dict',
    ],
    ["Lightning's averages", { state_dict: plain, current_model_state: ema }, 'state_dict', 'current_model_state'],
  ])('says which were taken of several weights, and takes the others on demand: %s', (_, file, taken, other) => {
    const root = new Map<string, unknown>(Object.entries({ epoch: 3, ...file }));
    const found = findWeights(root);
    expect(found.tensors).toEqual(plain);
    expect(found.note).toBe(
      `it has weights under "${taken}" and "${other}"; "${taken}" was used, "state: ${other}" uses the other`,
    );
    expect([...findWeights(root, other).tensors.values()]).toEqual([...ema.values()]);
    expect(findWeights(root, other).note).toBeUndefined();
    expect(findWeights(root, taken)).toEqual({ tensors: plain });
  });

  it('tells two networks apart whose names begin with different words', () => {
    const both = new Map([
      ...network('model.'),
      ...network('ema_model.module.'),
      ['ema_model.n_averaged', kernel(1)] as const,
    ]);
    const found = findWeights(new Map([['state_dict', both]]));
    expect([...found.tensors.keys()]).toEqual(['model.fc.weight', 'model.fc.bias']);
    expect(found.note).toMatch(/"model" was used, "state: ema_model" uses the other$/);
    expect([...findWeights(both, 'ema_model').tensors.keys()]).toEqual([
      'ema_model.module.fc.weight',
      'ema_model.module.fc.bias',
      'ema_model.n_averaged',
    ]);
    expect(() => findWeights(network('encoder_q.', 'encoder_k.'))).toThrow(
      'it contains 2 networks, "encoder_q" and "encoder_k"',
    );
  });

  it('takes no two layers of one network for two networks', () => {
    const layers = new Map([
      ...network('layer1.', 'layer2.'),
      ['stem.weight', kernel(4, 4)] as const,
      ['stem.bias', kernel(4)] as const,
    ]);
    expect(findWeights(layers)).toEqual({ tensors: layers });
  });

  it('says of weights under a key of their own how they are chosen, and of a key that is not there which there are', () => {
    const root = new Map<string, unknown>([
      ['ema', plain],
      ['epoch', 3],
    ]);
    const refusal = (wanted?: string) => {
      try {
        findWeights(root, wanted);
      } catch (error) {
        return error as { message: string; fix: string };
      }
      return undefined;
    };
    expect(refusal()).toMatchObject({
      message: 'it has weights under "ema", which are not among the usual keys',
      fix: expect.stringContaining('state: ema') as unknown,
    });
    expect(refusal('emma')).toMatchObject({
      message: 'it has no weights under "emma"',
      fix: 'Set "state" to one of: ema.',
    });
    expect(findWeights(root, 'ema')).toEqual({ tensors: plain });
    expect(() => findWeights(plain, 'ema')).toThrow('it has no weights under "ema"');
  });

  it('takes a tensor that is itself called "model" for a tensor', () => {
    const named = new Map([['model', tensor('float32')]]);
    expect(findWeights(named)).toEqual({ tensors: named });
  });

  it.each([
    [
      'two networks',
      new Map([
        ['model', weights],
        ['state_dict', weights],
      ]),
      /"state_dict" and "model"/,
    ],
    ['whole numbers for weights', new Map([['w', tensor('int32')]]), /its tensor "w" has int32 numbers/],
    ['a number among the weights', new Map([['model', new Map([['epoch', 3]])]]), /its entry "epoch" is the number 3/],
    ['no dictionary', null, /it contains None/],
  ])('refuses %s', (_, root, message) => {
    expect(() => findWeights(root)).toThrow(message);
  });
});

const python = pythonWith('torch');

/** What torchvision's training script, Lightning and PyTorch's tutorial keep, after one step of training. */
const make = `
import sys, json, argparse, pathlib, numpy, torch
torch.manual_seed(0)
model = torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3), torch.nn.BatchNorm2d(4))
optimizer = torch.optim.Adam(model.parameters())
model(torch.randn(2, 3, 5, 5)).sum().backward()
optimizer.step()
scheduler = torch.optim.lr_scheduler.MultiStepLR(optimizer, [3, 4])
weights = model.state_dict()
args = argparse.Namespace(lr=0.1, device=torch.device('cpu'), dtype=torch.float16, size=torch.Size([2, 3]), output=pathlib.Path('a/b'))
beside = dict(optimizer=optimizer.state_dict(), lr_scheduler=scheduler.state_dict(), epoch=3, args=args, best=numpy.float64(0.5),
              rng=torch.get_rng_state(), mask=torch.ones(3, dtype=torch.bool), history=[0.5, None, {'a': (1, 2)}])
lightning = {f'model.{name}': tensor for name, tensor in weights.items()}
files = {
    'torchvision': dict(model=weights, **beside),
    'tutorial': dict(beside, model_state_dict=weights),
    'lightning': {'state_dict': lightning, 'pytorch-lightning_version': '1.9.0', 'global_step': 7, 'loops': {}, 'callbacks': {}, **beside},
    'parallel': torch.nn.DataParallel(model).state_dict(),
}
for name, value in files.items():
    for zip_format, protocol in [(1, 2), (0, 2), (1, 4), (0, 5)]:
        torch.save(value, f'{sys.argv[1]}/{name}-{zip_format}-{protocol}', pickle_protocol=protocol,
                   _use_new_zipfile_serialization=bool(zip_format))
print(json.dumps([[k, v.double().flatten().tolist()] for k, v in weights.items()]))`;

const prefixes = new Map([
  ['lightning', 'model.'],
  ['parallel', 'module.'],
]);

describe(python ? 'training checkpoints' : 'training checkpoints (skipped: no python3 here has torch)', () => {
  (python ? it : it.skip)('give their weights in both formats, and nothing of what is beside them', async () => {
    await inFolder(async (folder) => {
      const expected = JSON.parse(python!(make, folder)) as [string, number[]][];
      const files = await readdir(folder);
      expect(files).toHaveLength(16);
      for (const file of files) {
        const prefix = prefixes.get(file.split('-')[0]!) ?? '';
        const arrays = [...(await readCheckpoint(join(folder, file)))];
        expect(arrays.map(([name, { data }]) => [name, Array.from<number | bigint, number>(data, Number)])).toEqual(
          expected.map(([name, numbers]) => [prefix + name, numbers]),
        );
      }
    });
  });
});
