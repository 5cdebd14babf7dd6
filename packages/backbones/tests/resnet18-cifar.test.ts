import { spawnSync } from 'node:child_process';
import { describe, expect, it } from '@jest/globals';
import { StateDict } from '@farout/core';
import { evaluate } from '@farout/runtime';
import { testBackbone } from '@farout/testing';
import { input, type NDArray } from '@farout/tensor';
import { resnet18Cifar } from '../src/index.ts';

/** The smallest image that is still one pixel after three halvings. */
const params = { weights: 'resnet18.pth', resize: 8, crop: 8 };

testBackbone(resnet18Cifar, [
  {
    title: 'has 512 features, and the classes of its checkpoint',
    params,
    width: 512,
    classes: 10,
    taps: ['stem', 'layer1', 'layer2', 'layer3', 'layer4'],
    convolutions: 20,
  },
  {
    title: 'the checkpoint of another network fails',
    params,
    files: { 'resnet18.pth': {} },
    fails: 'OOD_CHECKPOINT_MISMATCH',
  },
  { title: 'no weights are refused', params: {}, refused: 'weights' },
  { title: 'a standard deviation of 0 is refused', params: { ...params, std: [0, 1, 1] }, refused: 'std' },
]);

describe('the images of resnet18-cifar', () => {
  it("are prepared as by ReAct's authors, unless the experiment says otherwise", () => {
    expect(resnet18Cifar.params.parse({ weights: 'resnet18.pth' })).toEqual({
      weights: 'resnet18.pth',
      mean: [0.4914, 0.4822, 0.4465],
      std: [0.2023, 0.1994, 0.201],
      resize: 32,
      crop: 32,
      sides: 'both',
      interpolation: 'bilinear',
    });
  });
});

/** OpenOOD's ResNet18_32x32, by torch.nn.functional: the same random weights, and what PyTorch makes of two random images. */
const program = `
import json, sys
import torch
import torch.nn.functional as F
torch.manual_seed(0)
projection, head = sys.argv[1], sys.argv[2]
state = {}
def conv(name, x, out, size, stride=1):
    w = state[name + '.weight'] = torch.randn(out, x.shape[1], size, size) * (2 / (x.shape[1] * size * size)) ** 0.5
    return F.conv2d(x, w, stride=stride, padding=size // 2)
def norm(name, x):
    c = x.shape[1]
    weight, bias, mean, var = torch.rand(c) + 0.5, torch.randn(c) * 0.1, torch.randn(c) * 0.1, torch.rand(c) + 0.5
    state.update({name + '.weight': weight, name + '.bias': bias, name + '.running_mean': mean, name + '.running_var': var})
    return F.batch_norm(x, mean, var, weight, bias)
def block(name, x, out, stride):
    y = F.relu(norm(name + '.bn1', conv(name + '.conv1', x, out, 3, stride)))
    y = norm(name + '.bn2', conv(name + '.conv2', y, out, 3))
    if stride != 1 or x.shape[1] != out:
        x = norm(name + '.' + projection + '.1', conv(name + '.' + projection + '.0', x, out, 1, stride))
    return F.relu(y + x)
with torch.no_grad():
    image = torch.randn(2, 3, 32, 32)
    x = F.relu(norm('bn1', conv('conv1', image, 64, 3)))
    for stage, (out, stride) in enumerate([(64, 1), (128, 2), (256, 2), (512, 2)]):
        x = block('layer%d.1' % (stage + 1), block('layer%d.0' % (stage + 1), x, out, stride), out, 1)
    features = F.adaptive_avg_pool2d(x, 1).flatten(1)
    w, b = torch.randn(10, 512) * 0.05, torch.randn(10)
    state.update({head + '.weight': w, head + '.bias': b})
    logits = F.linear(features, w, b)
given = {'image': image, 'features': features, 'logits': logits, **{'state ' + name: each for name, each in state.items()}}
sys.stdout.buffer.write((json.dumps({name: list(each.shape) for name, each in given.items()}) + '\\n').encode())
for each in given.values(): sys.stdout.buffer.write(each.contiguous().numpy().tobytes())
`;

const python = process.env.FAROUT_PYTHON ?? 'python3';
const hasTorch = spawnSync(python, ['-c', 'import torch']).status === 0;

function fromPyTorch(...words: string[]): Map<string, NDArray> {
  const { status, stdout, stderr } = spawnSync(python, ['-c', program, ...words], { maxBuffer: 2 ** 27 });
  if (status !== 0) throw new Error(stderr.toString());
  const end = stdout.indexOf('\n');
  const shapes = JSON.parse(stdout.toString('utf8', 0, end)) as Record<string, number[]>;
  let at = end + 1;
  return new Map(
    Object.entries(shapes).map(([name, shape]) => {
      const bytes = 4 * shape.reduce((a, b) => a * b, 1);
      const data = new Float32Array(Uint8Array.from(stdout.subarray(at, (at += bytes))).buffer);
      return [name, { data, shape }];
    }),
  );
}

/** The largest difference, relative to the largest number. */
function difference(found: NDArray, expected: NDArray): number {
  expect(found.shape).toEqual(expected.shape);
  const [a, b] = [Array.from(found.data, Number), Array.from(expected.data, Number)];
  return Math.max(...a.map((each, i) => Math.abs(each - b[i]!))) / Math.max(...b.map(Math.abs));
}

describe('resnet18-cifar beside PyTorch, with the same random weights', () => {
  const title = (projection: string, head: string) => `gives its features and logits: ${projection}, ${head}`;
  for (const [projection, head] of [
    ['shortcut', 'fc'],
    ['downsample', 'fc'],
    ['shortcut', 'linear'],
  ] as const) {
    if (!hasTorch) {
      it.skip(`${title(projection, head)} (needs torch in the Python of FAROUT_PYTHON, else in python3)`, () =>
        undefined);
      continue;
    }
    it(title(projection, head), async () => {
      const given = fromPyTorch(projection, head);
      const weights = [...given].flatMap(([name, each]): [string, NDArray][] =>
        name.startsWith('state ') ? [[`module.${name.slice('state '.length)}`, each]] : [],
      );
      const state = new StateDict(new Map(weights), 'random weights');
      const files = {
        stateDict: () => Promise.resolve(state),
        onnx: () => Promise.reject(new Error('it is no checkpoint')),
      };
      const network = await resnet18Cifar.open(resnet18Cifar.params.parse(params), files);
      state.finish('resnet18-cifar');
      const features = network.features(input('image', ['N', 3, 32, 32]));
      const logits = features.matmul(network.head.weight.transpose(1, 0)).add(network.head.bias);
      const found = await evaluate({ features, logits }, { image: given.get('image')! });
      expect(difference(found.features!, given.get('features')!)).toBeLessThan(1e-5);
      expect(difference(found.logits!, given.get('logits')!)).toBeLessThan(1e-5);
    });
  }
});
