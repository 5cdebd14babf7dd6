// Which columns of the reference each detector is compared with, and why not with others.
import path from 'node:path';

/** Features on which the authors' code was run. */
export interface GoldenSet {
  readonly name: 'demo' | 'mobilenet-v2' | 'demo-maps';
  /** An experiment on them, without detectors; `golden` is their folder. */
  readonly experiment: (golden: string) => Readonly<Record<string, unknown>>;
}

/** Features in files; ranges of rows are sets: `[name, first row, rows]`, the ID set first. */
const stored =
  (...sets: readonly (readonly [string, number, number])[]): GoldenSet['experiment'] =>
  (golden) => {
    const file = (name: string) => path.join(golden, `${name}.npy`);
    const tests = sets.map(([name, from, limit]) => [name, { features: { file: file('features-test'), from, limit } }]);
    const fit = { features: { file: file('features-fit'), labels: file('labels-fit') } };
    const [[id], ...ood] = sets as [(typeof sets)[0], ...typeof sets];
    return {
      name: 'catalogue',
      device: 'cpu',
      backbone: { features: { weight: file('head-weight'), bias: file('head-bias') } },
      datasets: { ...Object.fromEntries(tests), fit },
      id,
      fit: 'fit',
      ood: ood.map(([name]) => name),
    };
  };

const demoWeights = new URL('../../packages/demo/weights/demo-resnet.pth', import.meta.url).pathname;
const drawn = (set: string, count: number, seed: number) => ({ 'demo-images': { set, count, seed } });

export const goldenSets: readonly GoldenSet[] = [
  {
    name: 'demo',
    experiment: stored(['objects', 0, 500], ['noise', 500, 250], ['textures', 750, 250], ['unseen-shapes', 1000, 250]),
  },
  {
    name: 'mobilenet-v2',
    experiment: stored(['photographs', 0, 650], ['textures', 650, 160], ['sun', 810, 160], ['flowers', 970, 160]),
  },
  {
    name: 'demo-maps',
    experiment: () => ({
      name: 'catalogue',
      device: 'cpu',
      backbone: { 'demo-resnet': { weights: demoWeights } },
      datasets: {
        fit: drawn('objects', 2000, 2),
        objects: drawn('objects', 64, 3),
        textures: drawn('textures', 64, 3),
      },
      id: 'objects',
      fit: 'fit',
      ood: ['textures'],
      allowLargeReadings: true,
    }),
  },
];

/** A detector, and the columns it is compared with. */
export interface ComparedColumn {
  /** Its name in the table. */
  readonly detector: string;
  /** Hooks and scorer, as in an experiment. */
  readonly parts: unknown;
  readonly columns: readonly string[];
  readonly sets: readonly GoldenSet['name'][];
  /** Transforms a score before the comparison; default: identity. */
  readonly as?: (score: number) => number;
  /** It uses single-precision logits where the reference uses double: the tolerance is three times the effect of that on the authors' code. */
  readonly single?: true;
  /**
   * The effect of single precision on the authors' code, if the reference does not give it: their formula in PyTorch with float32 compared with
   * float64, in the measure of the comparison. The tolerance is three times that.
   */
  readonly singleCost?: number;
}

const both = ['demo', 'mobilenet-v2'] as const;
const demo = ['demo'] as const;
const maps = ['demo-maps'] as const;

const single = (column: ComparedColumn): ComparedColumn => ({ ...column, single: true });

const on = (
  sets: ComparedColumn['sets'],
  detector: string,
  parts: unknown,
  ...columns: readonly string[]
): ComparedColumn => ({ detector, parts, columns, sets });

/**
 * Omitted are
 *
 * - results that the authors' code does not determine: for `react+ash-s`, which of the features made equal by clipping are kept, because
 *   `torch.topk` chooses any of them; for `weiper-kld`, perturbations that are drawn again in every call;
 * - results that differ from the methods' authors by design or by mistake (docs/detectors.md): kl-matching, mds, openmax and rmds of pytorch-ood,
 *   neco of maha-norm, AdaSCALE of its authors; for pytorch-ood's KNN, the root, near 0, of the value that OpenOOD squares;
 * - results without a corresponding part here: `gen+residual`, `knn-cosine`, `knn-raw`, `vim-mean-origin-normalised`.
 */
export const comparedColumns: readonly ComparedColumn[] = [
  on(both, 'MSP', 'msp', 'msp/openood', 'msp/pytorch-ood', 'msp/vim-authors'),
  on(both, 'MaxLogit', 'max-logit', 'max-logit/openood', 'max-logit/pytorch-ood', 'max-logit/vim-authors'),
  on(both, 'Energy', 'energy', 'energy/openood', 'energy/pytorch-ood', 'energy/vim-authors'),
  single(on(both, 'Entropy', 'entropy', 'entropy/gen-authors', 'entropy/pytorch-ood')),
  on(
    demo,
    'Temperature scaling (T of OpenOOD)',
    { 'temperature-scaling': { temperature: 1.2763866186141968 } },
    'temperature-scaling/openood',
  ),
  on(
    demo,
    'Temperature scaling (T of pytorch-ood)',
    { 'temperature-scaling': { temperature: 1.0086652040481567 } },
    'temperature-scaling/pytorch-ood',
  ),
  on(
    ['mobilenet-v2'],
    'Temperature scaling (T of OpenOOD)',
    { 'temperature-scaling': { temperature: 1.2843780456054064 } },
    'temperature-scaling/openood',
  ),
  on(
    ['mobilenet-v2'],
    'Temperature scaling (T of pytorch-ood)',
    { 'temperature-scaling': { temperature: 0.9998634257871676 } },
    'temperature-scaling/pytorch-ood',
  ),
  single(on(demo, 'GEN', 'gen', 'gen/gen-authors', 'gen/openood')),
  single(on(['mobilenet-v2'], 'GEN', 'gen', 'gen/gen-authors', 'gen/openood')),
  single(on(demo, 'GEN (M = 5)', { gen: { M: 5 } }, 'gen-m5/openood')),
  single(on(['mobilenet-v2'], 'GEN (M = 10)', { gen: { M: 10 } }, 'gen-m10/openood')),
  on(both, 'GradNorm', 'gradnorm', 'gradnorm/gradnorm-authors', 'gradnorm/openood', 'gradnorm/vim-authors'),
  single(on(demo, 'KL matching', 'kl-matching', 'kl-matching/openood', 'kl-matching/vim-authors')),
  single(on(['mobilenet-v2'], 'KL matching', 'kl-matching', 'kl-matching/openood')),
  on(demo, 'SHE', 'she', 'she/she-authors', 'she/openood', 'she/pytorch-ood'),
  on(demo, 'SHE (cosine)', { she: { metric: 'cosine' } }, 'she-cosine/openood'),
  on(demo, 'SHE (Euclidean)', { she: { metric: 'euclidean' } }, 'she-euclidean/openood'),
  on(both, 'fDBD', 'fdbd', 'fdbd/fdbd-authors', 'fdbd/openood'),
  on(both, 'fDBD (by norm)', { fdbd: { normaliser: 'norm' } }, 'fdbd-norm/openood'),
  on(both, 'NCI', 'nci', 'nci/openood'),
  on(both, 'NCI (α = 0.1)', { nci: { alpha: 0.1 } }, 'nci-a0.1/openood'),
  on(demo, 'Mahalanobis', 'mahalanobis', 'mds/openood', 'mds/vim-authors'),
  on(demo, 'Mahalanobis++', 'mahalanobis++', 'mds++/maha-norm'),
  on(demo, 'RMDS', 'rmds', 'rmds/openood'),
  on(demo, 'RMDS++', 'rmds++', 'rmds++/maha-norm'),
  on(both, 'Residual', 'residual', 'residual/openood', 'residual/vim-authors'),
  on(both, 'ViM', 'vim', 'vim/openood', 'vim/vim-authors', 'vim/pytorch-ood'),
  on(demo, 'ViM (D′ = 24)', { vim: { dimension: 24 } }, 'vim-d24/openood'),
  on(['mobilenet-v2'], 'ViM (D′ = 256)', { vim: { dimension: 256 } }, 'vim-d256/openood'),
  // The score is the log odds; the reference has −P(unknown).
  { ...on(demo, 'OpenMax', 'openmax', 'openmax/openood'), as: (score) => -1 / (1 + Math.exp(score)) },
  on(both, 'NECO', 'neco', 'neco/pytorch-ood26'),
  on(both, 'NECO (no logit)', { neco: { maxLogit: false } }, 'neco-no-maxlogit/pytorch-ood26'),
  on(both, 'Relation', 'relation', 'relation/relation-authors', 'relation/openood'),
  on(both, 'Relation (power 4)', { relation: { power: 4 } }, 'relation-pow4/relation-authors', 'relation-pow4/openood'),
  on(both, 'KNN', 'knn', 'knn/knn-authors', 'knn/openood'),
  on(both, 'KNN (k = 1)', { knn: { k: 1 } }, 'knn-k1/openood'),
  on(both, 'NNGuide', { nnguide: { k: 100, share: 1 } }, 'nnguide/nnguide-authors', 'nnguide/openood'),
  on(both, 'NNGuide (k = 10)', { nnguide: { k: 10, share: 1 } }, 'nnguide-k10/nnguide-authors', 'nnguide-k10/openood'),
  on(
    both,
    'ASH-P',
    ['ash-p', 'energy'],
    'ash-p/ash-authors',
    'ash-p/openood',
    'ash-p/pytorch-ood',
    'ash-p/lts-authors',
  ),
  on(
    both,
    'ASH-B',
    ['ash-b', 'energy'],
    'ash-b/ash-authors',
    'ash-b/openood',
    'ash-b/pytorch-ood',
    'ash-b/lts-authors',
  ),
  on(
    both,
    'ASH-S',
    ['ash-s', 'energy'],
    'ash-s/ash-authors',
    'ash-s/openood',
    'ash-s/pytorch-ood',
    'ash-s/lts-authors',
  ),
  on(both, 'SCALE', ['scale', 'energy'], 'scale/scale-authors', 'scale/openood', 'scale/lts-authors'),
  on(both, 'LTS', ['lts', 'energy'], 'lts/lts-authors'),
  on(both, 'LTS (p = 85)', [{ lts: { percentile: 85 } }, 'energy'], 'lts-p85/lts-authors'),
  on(demo, 'DICE', ['dice', 'energy'], 'dice/dice-authors', 'dice/openood', 'dice/pytorch-ood'),
  on(['mobilenet-v2'], 'DICE', ['dice', 'energy'], 'dice/openood'),
  on(demo, 'DICE (p = 70)', [{ dice: { percentile: 70 } }, 'energy'], 'dice-p70/dice-authors', 'dice-p70/openood'),
  on(both, 'BATS', ['bats', 'energy'], 'bats/ood-kernel-pca'),
  on(both, 'BATS (λ = 1.05)', [{ bats: { lambda: 1.05 } }, 'energy'], 'bats-1.05/ood-kernel-pca'),
  on(both, 'VRA-P', ['vra-p', 'energy'], 'vra-p-fixed/vra-authors'),
  on(both, 'VRA-P (percentiles)', [{ 'vra-p': { percentiles: [10, 90] } }, 'energy'], 'vra-p/vra-authors'),
  on(
    both,
    'VRA-P (percentiles of channels)',
    [{ 'vra-p': { percentiles: [10, 90], per: 'channel' } }, 'energy'],
    'vra-p-channel/vra-authors',
  ),
  on(both, 'VRA-P (below: low)', [{ 'vra-p': { percentiles: [10, 90], below: 'low' } }, 'energy'], 'vra/openood'),
  on(demo, 'VRA++', { 'vra++': { low: 0.022503872960805894, high: 1.3592756628990175 } }, 'vra++/vra-authors'),
  on(['mobilenet-v2'], 'VRA++', { 'vra++': { low: 0, high: 1.4070930957794185 } }, 'vra++/vra-authors'),
  on(demo, 'LINe', [{ line: { c: 1.3592756628990175 } }, 'energy'], 'line/line-authors'),
  on(demo, 'LINe (c = 0.8)', ['line', 'energy'], 'line-c0.8/line-authors'),
  on(both, 'CoP (0.9)', { cop: { ratio: 0.9 } }, 'cop-evr0.9/ood-kernel-pca'),
  on(demo, 'CoP', 'cop', 'cop/ood-kernel-pca'),
  on(['mobilenet-v2'], 'CoP', { cop: { ratio: 0.6 } }, 'cop/ood-kernel-pca'),
  on(
    both,
    'ReAct',
    ['react', 'energy'],
    'react/react-authors',
    'react/openood',
    'react/pytorch-ood',
    'react/gen-authors',
  ),
  on(both, 'ReAct (no clipping)', [{ react: { c: 1e30 } }, 'energy'], 'react-cinf/react-authors'),
  on(both, 'ReAct (p = 99)', [{ react: { percentile: 99 } }, 'energy'], 'react-q99/vim-authors'),
  on(both, 'ReAct + MSP', ['react', 'msp'], 'react+msp/react-authors'),
  single(on(both, 'ReAct + GEN', ['react', 'gen'], 'react+gen/gen-authors')),
  on(both, 'ReAct + GradNorm', ['react', 'gradnorm'], 'react+gradnorm/openood'),
  on(demo, 'ReAct + DICE', ['dice', 'react', 'energy'], 'react+dice/dice-authors', 'react+dice/openood'),
  ...davisColumns(),
  on(maps, 'AdaSCALE-A', ['adascale-a', 'energy'], 'adascale-a-k5-1/openood'),
  on(maps, 'AdaSCALE-A (k = 10 and 5)', [{ 'adascale-a': { k1: 10, k2: 5 } }, 'energy'], 'adascale-a/openood'),
  on(maps, 'AdaSCALE-L (k = 10 and 5)', [{ 'adascale-l': { k1: 10, k2: 5 } }, 'energy'], 'adascale-l/openood'),
  on(maps, 'RankFeat', 'rankfeat', 'rankfeat/rankfeat-authors', 'rankfeat/openood'),
  on(maps, 'Mahalanobis ensemble', 'mahalanobis-ensemble', 'mds-ensemble-sum/openood'),
  // Where the gradient of the distance is near 0, precision decides in which direction a pixel moves.
  {
    ...on(
      maps,
      'Mahalanobis ensemble (stem)',
      { 'mahalanobis-ensemble': { taps: ['stem'] } },
      'mds-ensemble-stem/openood',
    ),
    singleCost: 1.5e-4,
  },
  on(maps, 'Mahalanobis ensemble (their weights)', 'mahalanobis-ensemble-golden', 'mds-ensemble/openood'),
  // Fifth powers, and deviations over extremes near 0.
  {
    ...on(maps, 'Gram (their split)', { 'gram-golden': { maps: 'convolutions' } }, 'gram/openood'),
    singleCost: 1.3e-4,
  },
  on(demo, 'CoRP (their draws)', { 'corp-golden': { components: 512 } }, 'corp/ood-kernel-pca'),
  on(demo, 'WeiPer (their draws)', 'weiper-golden', 'weiper-kld-fixed-perturbations/weiper-authors'),
];

/** DAVIS with each of its statistics, alone and before the hooks its authors combine it with; `avg` is the network's own pooling. */
function davisColumns(): ComparedColumn[] {
  const deviations = [0.5, 1, 3].map(
    (gamma) => [`std${gamma}`, `mean + ${gamma} std`, { davis: { pool: 'mean-std', gamma } }] as const,
  );
  const behind = { react: 'react', scale: { scale: { largest: 'quantile' } }, 'ash-s': 'ash-s' };
  const pools = [['max', 'maximum', 'davis'], ...deviations] as const;
  return pools.flatMap(([column, what, davis]) => [
    on(maps, `DAVIS (${what})`, [davis, 'energy'], `davis-${column}/davis-authors`),
    ...Object.entries(behind).map(([name, hook]) =>
      on(maps, `DAVIS (${what}) + ${name}`, [davis, hook, 'energy'], `davis-${column}+${name}/davis-authors`),
    ),
  ]);
}
