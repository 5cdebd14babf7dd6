import { confidentRank, conformalP, conformalRank, conformalRejections } from '@farout/statistics';

/** What was asked of a share, and how often it was seen. */
export interface Seen {
  readonly what: string;
  readonly seen: number;
  /** What it may be at most. */
  readonly bound: number;
  /** One Monte Carlo error of `seen`, where the share is the bound. */
  readonly error: number;
  /** Whether it is not below the bound either. */
  readonly equal: boolean;
}

/** How scores of images in distribution are drawn: all different, or one of few. */
export const kinds = {
  'all different': (random: () => number) => random(),
  // 1, ½, ¼, … of the scores are the same: ties where thresholds lie, and elsewhere.
  'with ties': (random: () => number) => Math.ceil(Math.log2(random())),
  'rounded to a hundredth': (random: () => number) => Math.round(100 * random()) / 100,
} as const;

export type Kind = keyof typeof kinds;

const shares = [0.01, 0.05, 0.1, 0.5];

/**
 * P(p ≤ t) of one more image, with new calibration scores each time: for multiples of 1 / (n + 1) near some shares, and for what lies between
 * them.
 */
export function pValues(n: number, kind: Kind, repetitions: number): Seen[] {
  const random = sfc32(`p ${n} ${kind}`);
  const seen = new Float64Array(n + 2);
  const calibration = new Float64Array(n);
  for (let repetition = 0; repetition < repetitions; repetition++) {
    for (let at = 0; at < n; at++) calibration[at] = kinds[kind](random);
    seen[Math.round(conformalP(kinds[kind](random), calibration.sort()) * (n + 1))]!++;
  }
  const upTo = (t: number) => seen.subarray(0, Math.floor(t * (n + 1) + 1e-9) + 1).reduce((sum, each) => sum + each, 0);
  const at = (t: number, equal: boolean): Seen => ({
    what: `P(p ≤ ${t.toFixed(4)}), n = ${n}, ${kind}`,
    ...share(upTo(t), repetitions, t),
    equal: equal && kind === 'all different',
  });
  const multiples = new Set(shares.map((each) => Math.max(1, conformalRank(n, each)) / (n + 1)));
  const between = shares.filter((each) => (each * (n + 1)) % 1 !== 0);
  return [...[...multiples].map((t) => at(t, true)), ...between.map((t) => at(t, false))];
}

/** How many calibration sets have a threshold that refuses more than α of all images in distribution. */
export function exceeding(n: number, kind: Kind, repetitions: number, alpha: number, confidence: number): Seen {
  const random = sfc32(`confident ${n} ${kind} ${alpha} ${confidence}`);
  const k = confidentRank(n, alpha, confidence);
  const calibration = new Float64Array(n);
  let sets = 0;
  for (let repetition = 0; repetition < repetitions; repetition++) {
    for (let at = 0; at < n; at++) calibration[at] = kinds[kind](random);
    sets += Number(refused[kind](calibration.sort()[k - 1]!) > alpha);
  }
  const what = `sets that refuse more than ${alpha}, γ = ${confidence}, n = ${n}, ${kind}`;
  return { what, ...share(sets, repetitions, 1 - confidence), equal: false };
}

/** The share of all scores below one. */
export const refused: Readonly<Record<Kind, (score: number) => number>> = {
  'all different': (score) => score,
  'with ties': (score) => 2 ** (score - 1),
  'rounded to a hundredth': (score) => Math.max(0, score - 0.005),
};

/** The share of images in distribution among those refused together, of m of which a share is in distribution. */
export function falselyRefused(
  n: number,
  kind: Kind,
  repetitions: number,
  { m, inDistribution, q }: { readonly m: number; readonly inDistribution: number; readonly q: number },
): Seen {
  const random = sfc32(`fdr ${n} ${kind} ${m} ${inDistribution} ${q}`);
  const calibration = new Float64Array(n);
  const ofId = Math.round(m * inDistribution);
  // Images out of distribution score low, and some of them as those in distribution do.
  const next = (image: number) => kinds[kind](image < ofId || random() < 0.2 ? random : () => random() / 200);
  let [sum, squares] = [0, 0];
  for (let repetition = 0; repetition < repetitions; repetition++) {
    for (let at = 0; at < n; at++) calibration[at] = kinds[kind](random);
    calibration.sort();
    const p = Array.from({ length: m }, (_, image) => conformalP(next(image), calibration));
    const rejected = conformalRejections(p, n, q);
    const wrong = rejected.filter((image) => image < ofId).length / Math.max(rejected.length, 1);
    sum += wrong;
    squares += wrong * wrong;
  }
  const seen = sum / repetitions;
  return {
    what: `false ones of those refused at q = ${q}, ${ofId} of ${m} images ID, n = ${n}, ${kind}`,
    seen,
    bound: (q * ofId) / m,
    error: Math.sqrt((squares / repetitions - seen * seen) / repetitions),
    equal: false,
  };
}

/** How often something was seen, beside its bound. */
export const share = (count: number, of: number, bound: number) => ({
  seen: count / of,
  bound,
  error: Math.sqrt((bound * (1 - bound)) / of),
});

/** Whether a share keeps its bound within three Monte Carlo errors. */
export const keeps = ({ seen, bound, error, equal }: Seen): boolean =>
  seen <= bound + 3 * error && (!equal || seen >= bound - 3 * error);

/** Doty-Humphrey's sfc32 of PractRand, seeded by a text: numbers in (0, 1] of 32 bits. */
export function sfc32(text: string): () => number {
  let [a, b, c, counter] = [0x9e3779b9, 0x243f6a88, 0xb7e15162, 1];
  for (const letter of text) a = Math.imul(a ^ letter.codePointAt(0)!, 0x01000193);
  const next = () => {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return ((sum >>> 0) + 1) / 2 ** 32;
  };
  for (let turn = 0; turn < 16; turn++) next();
  return next;
}
