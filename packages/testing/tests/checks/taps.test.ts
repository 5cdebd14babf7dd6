import { describe, expect, it } from '@jest/globals';
import {
  defineBackbone,
  FaroutError,
  filePath,
  imageParameters,
  stagedNetwork,
  z,
  type Backbone,
  type StateDict,
} from '@farout/core';
import { convolutionMaps, tapMaps, tapsLeadOn, tapsNamed } from '../../src/checks/taps.ts';
import { failingBackboneChecks } from '../parts/failing-checks.ts';

const params = z.object({ weights: filePath(), ...imageParameters });

function staged(state: StateDict): Backbone {
  const [first, second] = [state.take('first', [4, 3, 3, 3]), state.take('second', [5, 4, 1, 1])];
  return {
    ...stagedNetwork(
      new Map([
        ['first', (x, seen) => (seen?.('first', x.conv(first, { padding: 1 })), x.conv(first, { padding: 1 }).relu())],
        ['second', (x, seen) => (seen?.('second', x.conv(second)), x.conv(second).relu())],
      ]),
    ),
    head: { weight: state.take('fc.weight', [2, 5]), bias: state.take('fc.bias', [2]) },
  };
}

/** A correct network of two stages, with some of its members replaced. */
const backbone =
  (replaced: (network: Required<Omit<Backbone, 'lastTap' | 'output' | 'notes'>>) => Partial<Backbone>) => () =>
    defineBackbone({
      name: 'staged',
      params,
      open: async ({ weights }, { stateDict }) => {
        const network = staged(await stateDict(weights)) as Parameters<typeof replaced>[0];
        return { ...network, ...replaced(network) };
      },
    });

const offered = { taps: ['first', 'second'], convolutions: 2 };
const failing = (replaced: Parameters<typeof backbone>[0]) =>
  failingBackboneChecks(backbone(replaced), undefined, offered);

describe('the contract of taps', () => {
  it('finds no fault with a network of stages', async () => {
    expect(await failing(() => ({}))).toEqual([]);
    expect(await failing(() => ({ lastTap: 'second' }))).toEqual([]);
  });

  it('finds no fault with a tap that nobody can go on from, where that is said', async () => {
    const refusing = ({ from }: Required<Pick<Backbone, 'from'>>): Partial<Backbone> => ({
      from: (tap, map) => {
        if (tap === 'first') throw new FaroutError('OOD_UNKNOWN_TAP', 'something leads past it');
        return from(tap, map);
      },
    });
    expect(await failing(refusing)).toEqual([]);
  });

  it('catches taps in another order, convolutions that are not there, and a last tap that is none', async () => {
    const turned = await failing(({ taps }) => ({ taps: (x) => new Map([...taps(x)].reverse()) }));
    expect(turned).toEqual([tapsNamed.title]);
    const fewer = await failing(({ convolutions }) => ({
      convolutions: (x) => new Map([...convolutions(x)].slice(1)),
    }));
    expect(fewer).toEqual([tapsNamed.title]);
    expect(await failing(() => ({ lastTap: 'third' }))).toEqual([tapsNamed.title]);
    expect(await failingBackboneChecks(backbone(() => ({})))).toEqual([tapsNamed.title]);
  });

  it('catches maps of another precision, and those that depend on the other images of the batch', async () => {
    const double = await failing(({ taps, from }) => ({
      taps: (x) => new Map([...taps(x)].map(([name, map]) => [name, map.cast('float64')])),
      from: (tap, map) => from(tap, map.cast('float32')),
    }));
    expect(double).toEqual([tapMaps.title]);
    const centred = await failing(({ convolutions }) => ({
      convolutions: (x) => new Map([...convolutions(x)].map(([name, map]) => [name, map.sub(map.mean(0))])),
    }));
    expect(centred).toEqual([convolutionMaps.title]);
  });

  it('catches convolutions that overflow', async () => {
    const explodes = await failing(({ convolutions }) => ({
      convolutions: (x) => new Map([...convolutions(x)].map(([name, map]) => [name, map.mul(1000).exp()])),
    }));
    expect(explodes).toEqual([convolutionMaps.title]);
  });

  it('catches one that goes on from another map, and one that goes nowhere', async () => {
    const late = await failing(({ from }) => ({ from: (tap, map) => from(tap, map.mul(2)) }));
    expect(late).toEqual([tapsLeadOn.title]);
    expect(await failing(() => ({ from: undefined as never }))).toEqual([tapsLeadOn.title]);
  });
});
