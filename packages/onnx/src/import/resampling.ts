import type { Tensor } from '@farout/tensor';
import { apply, resampling, type Sampling } from '@farout/tensor/graph';
import { fromFront, type Importer, type NodeUse } from '../nodes.ts';

const modes = ['nearest', 'linear', 'cubic'];
const coordinates = ['half_pixel', 'pytorch_half_pixel', 'align_corners', 'asymmetric'];

/** Operators that enlarge or shrink images. */
export const importers: Readonly<Record<string, Importer>> = {
  Resize: resize,
  Upsample: (use) => {
    const scales = use.inputs[1] ? use.numbers(1) : floatsOf(use, 'scales');
    return scales && resample(use, 'scales', scales, { coordinates: 'asymmetric', rounding: 'floor' });
  },
};

const floatsOf = ({ node }: NodeUse, name: string): readonly number[] | undefined => {
  const value = node.attributes[name];
  return typeof value === 'object' && 'floats' in value ? value.floats : undefined;
};

/** Scales or sizes; before operator set 11 only scales, as the second input. */
function resize(use: NodeUse): Tensor | undefined {
  const plain = ['antialias', 'exclude_outside'].every((name) => use.int(name, 0) === 0);
  const stretched = use.text('keep_aspect_ratio_policy', 'stretch') === 'stretch';
  if (!plain || !stretched) return undefined;
  if (use.version < 11) {
    const scales = use.numbers(1);
    return scales && resizeOld(use, scales);
  }
  const settings = {
    coordinates: use.text('coordinate_transformation_mode', 'half_pixel') as Sampling['coordinates'],
    rounding: use.text('nearest_mode', 'round_prefer_floor') as Sampling['rounding'],
  };
  const scales = use.numbers(2);
  if (scales && scales.length > 0) return resample(use, 'scales', scales, settings);
  const sizes = use.known(3)?.values;
  return sizes && resample(use, 'sizes', sizes as readonly number[], settings);
}

/** Before operator set 11, the nearest pixel is rounded down when an image grows and, in onnxruntime, rounded up when it shrinks. */
function resizeOld(use: NodeUse, scales: readonly number[]): Tensor | undefined {
  const [grows, shrinks] = [scales.some((scale) => scale > 1), scales.some((scale) => scale < 1)];
  if (grows && shrinks && use.text('mode', 'nearest') === 'nearest') return undefined;
  return resample(use, 'scales', scales, { coordinates: 'asymmetric', rounding: shrinks ? 'ceil' : 'floor' });
}

/** Only the spatial axes of (N, C, H, W) may change. */
function resample(
  use: NodeUse,
  kind: 'scales' | 'sizes',
  values: readonly number[],
  settings: Pick<Sampling, 'coordinates' | 'rounding'>,
): Tensor | undefined {
  const { x } = use;
  const mode = use.text('mode', 'nearest');
  const axes = fromFront(use.ints('axes') ?? x.shape.map((_, axis) => axis), x.shape.length);
  const at = (axis: number) =>
    axes.includes(axis) ? values[axes.indexOf(axis)] : kind === 'scales' ? 1 : x.shape[axis];
  const [height, width] = [at(2), at(3)];
  const unchanged = [0, 1].every((axis) => [1, x.shape[axis]].includes(at(axis)));
  if (x.shape.length !== 4 || !unchanged || typeof height !== 'number' || typeof width !== 'number') return undefined;
  if (!modes.includes(mode) || !coordinates.includes(settings.coordinates)) return undefined;
  return apply(resampling.resize, [x], {
    ...settings,
    mode: mode as Sampling['mode'],
    cubicCoefficient: use.float('cubic_coeff_a', -0.75),
    [kind]: [height, width],
  });
}
