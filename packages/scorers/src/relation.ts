import { defineScorer, remembers, scoresFrom, z, type RowBatch } from '@farout/core';
import { input, type NDArray, type Tensor } from '@farout/tensor';

/**
 * Relation: how strongly an image is related to the fit set, by features that point the same way and similar predictions,
 *
 * S(x) = Σᵢ k(x, xᵢ)ᵖ over the xᵢ of the fit set with k(x, xᵢ) > t,   k(x, xᵢ) = max(cos(h(x), h(xᵢ)), 0) · ⟨softmax f(x), softmax f(xᵢ)⟩
 *
 * Kim, Yun, Song, "Neural Relation Graph: A Unified Framework for Identifying Label Noise and Outlier Data", NeurIPS 2023; kernel,
 * threshold t and the power p of the whole kernel as in the authors' code, where a length is √(Σ h² + 10⁻¹⁰). The fit set is kept as stored
 * and read once per block of images. Cosines and ⟨·, ·⟩ are float32 products, the sums float64. Labels are not needed.
 *
 * features h, (N, D), logits f, (N, K) → score, (N,), from 0 to the number of images in the fit set; higher = more in-distribution.
 */
export const relation = defineScorer({
  name: 'relation',
  about: {
    summary: 'How strongly an image is related to the fit set, by similar features and similar predictions.',
    formula: 'S(x) = Σᵢ kᵖ over k > t,  k = max(cos(h, hᵢ), 0) · ⟨softmax f, softmax fᵢ⟩',
    source:
      'Kim, Yun, Song, "Neural Relation Graph: A Unified Framework for Identifying Label Noise and Outlier Data", NeurIPS 2023',
    family: 'distance',
    cost: 'D + K multiplications with each image of the fit set, which is read once per block of images',
    defaults: "the authors'",
  },
  params: z.object({
    power: z
      .number()
      .positive()
      .default(1)
      .describe('p, the exponent of each relation; OpenOOD tries 1, 2, 4, 6 and 8'),
    threshold: z.number().min(0).max(1).default(0.03).describe('t; relations up to t do not count'),
  }),
  presets: {
    // OpenOOD 1.5, configs/postprocessors/relation.yml, `postprocessor_sweep`.
    openood: { power: { sweep: [1, 2, 4, 6, 8] } },
  },
  fit: () => remembers(['features', 'logits']),
  rows: ({ power, threshold }) =>
    scoresFrom(['features', 'logits'], async ({ bank, compile, signal }) => {
      const [features, logits] = [input('features', ['N', 'D']), input('logits', ['N', 'K'])];
      const point = await compile({
        unit: unitLength(features),
        share: logits.cast('float64').softmax().cast('float32'),
      });
      const related = await compile({ sum: sumOfRelations(power, threshold) });
      return async (rows) => {
        const own = await point(inCompany(rows));
        const sums = new Float64Array(rows.features.shape[0]);
        for await (const block of bank as AsyncIterable<Block>) {
          signal.throwIfAborted();
          const { unit, share } = await point(block);
          const { sum } = await related({ ...own, unitOfBank: unit!, shareOfBank: share! });
          for (let row = 0; row < sums.length; row++) sums[row]! += Number(sum!.data[row]);
        }
        return Float32Array.from(sums);
      };
    }),
});

type Block = RowBatch<'features' | 'logits'>;

function unitLength(features: Tensor): Tensor {
  const h = features.cast('float64');
  return h.div(h.mul(h).sum(-1, { keepDims: true }).add(1e-10).sqrt()).cast('float32');
}

/** Σ kᵖ over the rows of a bank with k > t, float64 (N). */
function sumOfRelations(power: number, threshold: number): Tensor {
  const products = (of: string, width: string) =>
    input(of, ['N', width])
      .matmul(input(`${of}OfBank`, ['M', width]).transpose(1, 0))
      .cast('float64');
  const k = products('unit', 'D').relu().mul(products('share', 'K'));
  return k.greater(threshold).where(k.pow(power), 0).sum();
}

/** onnxruntime sums the products of a single row in another order, so it is passed twice. */
function inCompany({ features, logits }: Block): Readonly<Record<string, NDArray>> {
  const twice = ({ data, shape: [count, width] }: Block['features']): NDArray =>
    count === 1 ? { data: Float32Array.from([...data, ...data]), shape: [2, width] } : { data, shape: [count, width] };
  return { features: twice(features), logits: twice(logits) };
}
