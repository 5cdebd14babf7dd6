import type { Operator } from '../operator.ts';
import type { Dimension } from '../shape.ts';
import type { Tensor } from '../tensor.ts';
import type { Convolution, TransposedConvolution } from './convolution.ts';
import { concat } from './selection.ts';
import { spatialOf, type Pair } from './window.ts';

/**
 * A 1 × 1 convolution of x, where x is the gradient of a strided depthwise convolution, times a mask. The pixels of x split into stride²
 * phases, and each phase is a convolution without stride over the taps that reach it, which onnxruntime computes faster than the transposed
 * convolution. Interleaving the phases is slow in onnxruntime, so this is done last, where there are fewer channels.
 *
 * weight (O, C, 1, 1); undefined if x is something else, or the result does not have fewer channels.
 */
export function convOfPhases(x: Tensor, weight: Tensor): Tensor | undefined {
  const factors = useOf(x, 'Mul')?.inputs ?? [];
  const spread = factors.find((factor) => useOf(factor, 'ConvTranspose'));
  const mask = factors.find((factor) => factor !== spread);
  const [out, channels] = weight.shape as Pair;
  if (!spread || !mask || !isAsLarge(mask, spread) || out >= channels) return undefined;
  const strided = useOf(spread, 'ConvTranspose')!;
  const [g, kernel] = strided.inputs as [Tensor, Tensor];
  const window = strided.attributes as TransposedConvolution;
  const [stride, across] = window.strides;
  const [rows, columns] = [phasesAlong(0, spread, kernel, window), phasesAlong(1, spread, kernel, window)];
  if (window.group !== channels || stride !== across || !rows || !columns) return undefined;
  const phases = rows.flatMap((row, i) =>
    columns.map((column, j) => {
      const taps = kernel.slice(2, row.first, row.end, stride).slice(3, column.first, column.end, stride);
      const padding = [row.before, column.before, row.behind, column.behind] as const;
      const part = g.conv(taps.reverse([2, 3]), { padding, groups: channels });
      return phaseOf(mask, pixelsOf([i, j], stride))
        .mul(part)
        .conv(weight);
    }),
  );
  return interleaved(concat(phases, 1), stride);
}

/**
 * (N, b² · C, H, W) → (N, C, b · H, b · W): group i · b + j of the channels goes to row i and column j of each b × b pixels. Columns first
 * and then rows: onnxruntime moves one axis in a third of the time that it takes for two, or for its DepthToSpace.
 */
function interleaved(x: Tensor, b: number): Tensor {
  const [n, c, h, w] = x.shape as [Dimension, number, number, number];
  const channels = c / (b * b);
  const columns = x.reshape([n, b, b, channels, h, w]).transpose(0, 1, 3, 4, 5, 2);
  const rows = columns.reshape([n, b, channels, h, w * b]).transpose(0, 2, 3, 1, 4);
  return rows.reshape([n, channels, h * b, w * b]);
}

/** The use of an operator that produced a tensor; undefined if it comes from something else. */
const useOf = ({ origin }: Tensor, ...types: readonly string[]) =>
  origin.kind === 'operation' && types.includes(origin.operator.type) ? origin : undefined;

const isAsLarge = (a: Tensor, b: Tensor): boolean =>
  a.shape.length === b.shape.length && a.shape.every((size, axis) => size === b.shape[axis]);

/** The taps that reach a phase, every stride-th from `first` on, and the padding that aligns them. */
interface Phase {
  readonly first: number;
  readonly end: number;
  readonly before: number;
  readonly behind: number;
}

/** The phases along an axis; undefined if they differ in length, or one has no taps or would need negative padding. */
function phasesAlong(
  axis: 0 | 1,
  spread: Tensor,
  kernel: Tensor,
  { strides, pads, dilations, output_padding }: TransposedConvolution,
): readonly Phase[] | undefined {
  const [size, end] = [spread, kernel].map((each) => spatialOf('ConvTranspose', each)[axis]) as [number, number];
  const [stride, cut] = [strides[axis], pads[axis]];
  if (dilations[axis] > 1 || size % stride > 0) return undefined;
  const places = (size - output_padding[axis] + cut + pads[axis + 2]! - end) / stride + 1;
  const phases = Array.from({ length: stride }, (_, phase): Phase => {
    const first = (phase + cut) % stride;
    const others = Math.ceil((end - first) / stride) - 1;
    const before = others - Math.floor((phase + cut) / stride);
    return { first, end, before, behind: size / stride - places + others - before };
  });
  return phases.every(({ first, before, behind }) => first < end && before >= 0 && behind >= 0) ? phases : undefined;
}

/** Whether a convolution treats each pixel separately. */
export function isPointwise(weight: Tensor, { strides, pads }: Convolution): boolean {
  return [...weight.shape.slice(2), ...strides].every((size) => size === 1) && pads.every((pad) => pad === 0);
}

/** One phase of a mask, computed from the pixels that it depends on, which are few enough to stay in the cache. */
function phaseOf(mask: Tensor, pixels: (map: Tensor) => Tensor): Tensor {
  const use = useOf(mask, 'HardSigmoid', 'Add', 'Conv');
  const weight = use?.operator.type === 'Conv' ? use.inputs[1] : undefined;
  const maps = use?.inputs.slice(0, weight ? 1 : undefined) ?? [];
  const isPixelwise = !weight || isPointwise(weight, use!.attributes as Convolution);
  if (!use || !isPixelwise || !maps.every((map) => isAsLarge(map, mask))) return pixels(mask);
  const [first, ...others] = [...maps.map((map) => phaseOf(map, pixels)), ...use.inputs.slice(maps.length)];
  return first!.apply(use.operator as Operator<unknown>, use.attributes, others);
}

/**
 * Extracts the pixels of one phase from maps, once per map. It uses a depthwise convolution, because for a slice onnxruntime would convert
 * the maps from its internal layout.
 */
function pixelsOf(place: Pair, stride: number): (map: Tensor) => Tensor {
  const known = new Map<Tensor, Tensor>();
  return (map) => {
    const taken = known.get(map) ?? map.conv(tapAt(place, map), { stride, groups: map.shape[1] as number });
    known.set(map, taken);
    return taken;
  };
}

/** The kernel that selects one pixel. */
function tapAt([row, column]: Pair, map: Tensor): Tensor {
  const shape = [map.shape[1] as number, 1, row + 1, column + 1];
  const size = (row + 1) * (column + 1);
  const data = Float32Array.from({ length: shape[0]! * size }, (_, i) => ((i + 1) % size === 0 ? 1 : 0));
  return map.constant({ data, shape });
}
