import type { Device, ErrorCode, ImageRecipe, FaroutError } from '@farout/core';

/** The graph's input: image pixels, uint8 (N, crop, crop, 3). */
export const pixelsInput = 'pixels';
/**
 * The graph's output: what it makes of each image, float32 (N, width): penultimate features, or a score. Its name is in the
 * graph, whose hash the store is looked up by.
 */
export const rowsOutput = 'features';

/** What a worker needs to begin. */
export interface WorkerSetup {
  /** Path of the graph. */
  readonly model: string;
  readonly device: Device;
  /** Threads within one operator. */
  readonly threads: number;
  readonly recipe: Pick<ImageRecipe, 'resize' | 'crop'>;
}

/** An image on its way to a worker: a path as it is, bytes that were read in the main process, or why they could not. */
export type ImageInput = { readonly path: string } | { readonly bytes: Uint8Array } | { readonly failure: string };

/** What became of one image. */
export interface ImageOutcome {
  /** SHA-256 of its bytes; undefined when they could not be read. */
  readonly content: string | undefined;
  /** Why the image was left out. */
  readonly unreadable?: string;
  /**
   * That it is no property of the image: the process died of it, memory was short, or the system could not read the file.
   * Such an outcome is not stored.
   */
  readonly passing?: 'died' | 'memory' | 'system';
}

/** What became of a batch: what the graph made of its readable images, in their order, (readable, width). */
export interface BatchOutcome {
  readonly images: readonly ImageOutcome[];
  readonly rows: Float32Array;
  readonly width: number;
}

/** An error as plain data, because an Error loses its fields between processes. */
export interface PlainError {
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
  /** What a FaroutError has besides. */
  readonly farout?: { readonly code: ErrorCode } & Pick<FaroutError, 'fix' | 'choices'>;
}

/** From the main process to a worker. */
export type Request =
  | { readonly kind: 'open'; readonly setup: WorkerSetup }
  | { readonly kind: 'extract'; readonly id: number; readonly images: readonly ImageInput[] };

/** From a worker to the main process. */
export type Reply =
  | { readonly kind: 'opened' }
  | { readonly kind: 'extracted'; readonly id: number; readonly outcome: BatchOutcome }
  /** Without an id it is the opening that failed. */
  | { readonly kind: 'failed'; readonly id?: number; readonly error: PlainError };
