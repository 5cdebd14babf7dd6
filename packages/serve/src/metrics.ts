import type { Description, Verdict, Watch } from '@farout/deploy/load';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { PoolState } from './pool.ts';
import { problems, type ProblemCode } from './problems.ts';

/** Monitors drift: receives each judged image, in the order of the responses. */
export type Watcher = Pick<Watch, 'add' | 'evidence'>;

/** Shares of the ID images at which their scores define the histogram's bucket bounds. */
const shares = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99];

/** Metrics of the service for Prometheus. */
export class Metrics {
  readonly #registry = new Registry();
  readonly #images: Counter;
  readonly #scores: Histogram;
  readonly #refusals: Counter;
  readonly #latency: Histogram;
  readonly #watcher: Watcher | undefined;

  constructor(description: Description, state: () => PoolState, watcher?: Watcher) {
    const registers = [this.#registry];
    this.#watcher = watcher;
    this.#images = new Counter({
      name: 'farout_images_total',
      help: 'Images by verdict: in distribution (id), out of distribution (ood), or refused (unreadable).',
      labelNames: ['verdict'],
      registers,
    });
    for (const verdict of ['id', 'ood', 'unreadable']) this.#images.inc({ verdict }, 0);
    this.#scores = new Histogram({
      name: 'farout_score',
      help: 'Scores, higher is more in-distribution; the bounds are quantiles of the ID scores.',
      buckets: boundsOf(description.idScores.scores),
      registers,
    });
    this.#refusals = new Counter({
      name: 'farout_refusals_total',
      help: 'Refused requests by the code of the problem.',
      labelNames: ['code'],
      registers,
    });
    for (const code of Object.keys(problems)) this.#refusals.inc({ code }, 0);
    this.#latency = new Histogram({
      name: 'farout_request_seconds',
      help: 'Time from the last byte of a scoring request to its response.',
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60],
      registers,
    });
    this.#ofDetector(description);
    this.#ofPool(state);
    if (watcher) this.#ofDrift(watcher);
  }

  /** Prometheus' text format, and its media type. */
  async text(): Promise<{ readonly body: string; readonly type: string }> {
    return { body: await this.#registry.metrics(), type: this.#registry.contentType };
  }

  judged(verdict: Verdict): void {
    this.#images.inc({ verdict: verdict.isInDistribution ? 'id' : 'ood' });
    if (!Number.isNaN(verdict.score)) this.#scores.observe(verdict.score);
    this.#watcher?.add(verdict);
  }

  unreadable(): void {
    this.#images.inc({ verdict: 'unreadable' });
  }

  refused(code: ProblemCode): void {
    this.#refusals.inc({ code });
  }

  answered(seconds: number): void {
    this.#latency.observe(seconds);
  }

  #ofDetector({ detector, threshold, idScores }: Description): void {
    const gauge = (name: string, help: string, value: number) =>
      new Gauge({ name, help, registers: [this.#registry] }).set(value);
    gauge('farout_threshold', 'An image is in distribution when its score is greater.', threshold.value);
    gauge(
      'farout_promised_share',
      'The largest share of ID images that the threshold refuses, as requested or calibrated.',
      threshold.rule === 'conformal' ? threshold.alpha : Number((1 - threshold.tpr).toPrecision(12)),
    );
    gauge('farout_id_images', 'Number of ID images that determined the threshold.', idScores.count);
    new Gauge({
      name: 'farout_detector_info',
      help: 'The detector, in its label.',
      labelNames: ['detector'],
      registers: [this.#registry],
    }).set({ detector }, 1);
  }

  #ofDrift(watcher: Watcher): void {
    new Gauge({
      name: 'farout_drift_evidence',
      help: 'Evidence that more images are refused than promised: without drift, the probability of ever reaching 1/a is at most a.',
      registers: [this.#registry],
      collect() {
        this.set(watcher.evidence());
      },
    });
  }

  #ofPool(state: () => PoolState): void {
    const read = (name: string, help: string, of: (state: PoolState) => number) =>
      new Gauge({
        name,
        help,
        registers: [this.#registry],
        collect() {
          this.set(of(state()));
        },
      });
    read('farout_workers_ready', 'Worker processes ready for images, including the spare one.', ({ ready }) => ready);
    read('farout_images_under_way', 'Images waiting or being processed.', ({ images }) => images);
    read(
      'farout_workers_ended',
      'Worker processes that ended unexpectedly since the service started.',
      ({ ended }) => ended,
    );
  }
}

/** Distinct finite quantiles of ascending scores. */
export function boundsOf(scores: readonly number[]): number[] {
  const bounds = shares.map((share) => scores[Math.round(share * (scores.length - 1))]!);
  return [...new Set(bounds)].filter(Number.isFinite);
}
