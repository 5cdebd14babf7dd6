import { traceScore, type NetworkView, type Readings, type SymbolicScorer, type TraceablePart } from '@farout/core';
import type { Tensor } from '@farout/tensor';

/**
 * The score, but NaN for images with NaN in any features, logits or readings that the scorer uses. The formula alone
 * may lose a NaN, as onnxruntime's maximum does unless the NaN comes first.
 */
export function soundScore(view: NetworkView, scorer: TraceablePart<SymbolicScorer>): Tensor {
  const read = new Set<Tensor>();
  const definition: SymbolicScorer = {
    ...scorer.definition,
    score: (given, params, at) =>
      scorer.definition.score(noting(given, read), params, {
        learnt: at.learnt,
        readings: notingAll(() => at.readings, read),
      }),
  };
  const score = traceScore(view, { ...scorer, definition });
  return [...read].reduce((sound, rows) => isSound(rows).where(sound, NaN), score);
}

/** The same view, recording the rows that are taken from it. */
function noting(view: NetworkView, read: Set<Tensor>): NetworkView {
  const note = (tensor: Tensor) => {
    read.add(tensor);
    return tensor;
  };
  return overlaid(view, {
    get features() {
      return note(view.features);
    },
    get headInput() {
      return note(view.headInput);
    },
    get logits() {
      return note(view.logits);
    },
    featuresOf: (image) => note(view.featuresOf(image)),
    logitsOf: (image) => note(view.logitsOf(image)),
    tapOf: (image, name) => note(view.tapOf(image, name)),
    featuresFrom: (tap, map) => note(view.featuresFrom(tap, map)),
    logitsFrom: (tap, map) => note(view.logitsFrom(tap, map)),
  });
}

/** A view with some members replaced. The others are still computed on access. */
export const overlaid = (view: NetworkView, members: Partial<NetworkView>): NetworkView =>
  new Proxy(view, {
    get: (_, name): unknown =>
      Reflect.has(members, name) ? Reflect.get(members, name) : Reflect.get(view, name, view),
  });

/** Computed when the first reading is accessed. */
const notingAll = (readings: () => Readings, read: Set<Tensor>): Readings =>
  new Proxy<Readings>(
    {},
    {
      get: (_, name) => {
        const tensor = Reflect.get(readings(), name) as Tensor | undefined;
        if (tensor) read.add(tensor);
        return tensor;
      },
      has: (_, name) => Reflect.has(readings(), name),
      ownKeys: () => Reflect.ownKeys(readings()),
      getOwnPropertyDescriptor: (_, name) => {
        const value = Reflect.get(readings(), name) as Tensor | undefined;
        if (value) read.add(value);
        return value && { value, enumerable: true, configurable: true };
      },
    },
  );

/** Whether all of an image's numbers are valid, bool (N): only NaN is not equal to itself. */
export function isSound(rows: Tensor): Tensor {
  const axes = rows.shape.slice(1).map((_, axis) => axis + 1);
  const counted = rows.equal(rows).where(0, 1);
  return (axes.length === 0 ? counted : counted.sum(axes)).equal(0);
}
