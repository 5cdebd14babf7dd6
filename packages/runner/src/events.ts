import type { Clock, FailedDetector, Logger, MetricResult, Progress } from '@farout/core';
import type { StageName } from './container.ts';

/** Changes when programs that read events must be adapted; new kinds of events and new members do not count. */
export const runEventVersion = 1;

/** The events of a run as it happens: plain data. */
export type RunEvent =
  /** The experiment has been loaded and the run begins. */
  | {
      readonly event: 'start';
      readonly experiment: string;
      /** Absolute path of the experiment. */
      readonly file: string;
      /** Absolute path of the run folder. */
      readonly out: string;
      readonly datasets: readonly string[];
      readonly detectors: readonly string[];
    }
  /** A stage of the run begins. */
  | { readonly event: 'stage'; readonly stage: StageName }
  /** Preparation before a pass that may take long, such as opening the network or hashing files: begin and end. */
  | { readonly event: 'preparing'; readonly what: string; readonly total: number; readonly unit: string }
  | { readonly event: 'prepared'; readonly what: string; readonly seconds: number }
  /** A pass over the images of a dataset: begin, progress (at most once a second), end. */
  | ({ readonly event: 'pass' | 'progress' } & ImagesDone)
  | ({ readonly event: 'pass-end'; readonly seconds: number } & ImagesDone)
  | { readonly event: 'info' | 'warning'; readonly message: string }
  /** A detector has no scores; the others continue. */
  | ({ readonly event: 'detector-failed' } & FailedDetector)
  /** The run folder is written. */
  | {
      readonly event: 'finish';
      readonly out: string;
      /** Absolute path of results.json. */
      readonly results: string;
      /** Top-1 accuracy on the ID set, a fraction; null if it has no labels. */
      readonly accuracy: number | null;
      /** The numbers of the tables, as fractions. */
      readonly metrics: readonly MetricResult[];
      readonly failed: number;
    };

interface ImagesDone {
  /** The dataset, preceded by a detector's name if that detector itself reads the images. */
  readonly pass: string;
  readonly done: number;
  readonly total: number;
}

/** Receives events. */
export type RunListener = (event: RunEvent) => void;

/** A logger whose messages are also sent as events. */
export const toldLogger = (shown: Logger, tell: RunListener): Logger => ({
  info: (message) => {
    shown.info(message);
    tell({ event: 'info', message });
  },
  warn: (message) => {
    shown.warn(message);
    tell({ event: 'warning', message });
  },
});

/** Minimum interval between progress events, in milliseconds. */
const atMostEvery = 1000;

/** Progress that is shown by another instance and sent as events. */
export class ToldProgress implements Progress {
  readonly #shown: Progress;
  readonly #tell: RunListener;
  readonly #clock: Clock;
  #pass = { pass: '', done: 0, total: 0 };
  #countsImages = true;
  #begun = 0;
  #said = 0;

  constructor(shown: Progress, tell: RunListener, clock: Clock) {
    this.#shown = shown;
    this.#tell = tell;
    this.#clock = clock;
  }

  start(pass: string, total: number, done: number, unit?: string): void {
    this.#shown.start(pass, total, done, unit);
    this.#pass = { pass, done, total };
    this.#countsImages = unit === undefined;
    this.#begun = this.#said = this.#clock.now();
    this.#tell(unit === undefined ? { event: 'pass', ...this.#pass } : { event: 'preparing', what: pass, total, unit });
  }

  advance(more: number): void {
    this.#shown.advance(more);
    this.#pass.done += more;
    const now = this.#clock.now();
    if (!this.#countsImages || now - this.#said < atMostEvery) return;
    this.#said = now;
    this.#tell({ event: 'progress', ...this.#pass });
  }

  stop(): void {
    this.#shown.stop();
    const seconds = (this.#clock.now() - this.#begun) / 1000;
    const ended = { event: 'pass-end', ...this.#pass, seconds } as const;
    this.#tell(this.#countsImages ? ended : { event: 'prepared', what: this.#pass.pass, seconds });
  }
}
