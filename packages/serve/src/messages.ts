import type { RawPixels } from '@farout/core';
import type { Verdict } from '@farout/deploy/load';

/** An image of a request: the bytes of its file, or its pixels. Never a path, which a detector would take as well. */
export type RequestImage = Uint8Array | RawPixels;

/** What a worker needs to begin. */
export interface WorkerSetup {
  /** The path of the detector's file. */
  readonly model: string;
  /** SHA-256 of the file as it was when the service began: a worker that starts later must not judge by another. */
  readonly content: string;
  /** Images of more pixels are refused. */
  readonly maxPixels: number;
  /** Images of more pixels are scored only where that is allowed. */
  readonly largePixels: number;
}

/** To a worker: what to open comes first, then images, whose bytes are the body of the frame. */
export type WorkerRequest =
  | { readonly setup: WorkerSetup }
  | {
      readonly id: number;
      /** Height, width and 3, where the bytes are pixels and no file. */
      readonly shape?: RawPixels['shape'];
      readonly mayBeLarge: boolean;
    };

/** What became of an image in a worker. */
export type WorkerOutcome =
  | { readonly verdict: Verdict }
  /** Why it is refused. */
  | { readonly unreadable: string }
  /** It is larger than was allowed, and has not been decoded. */
  | { readonly isLarge: true };

/** From a worker. */
export type WorkerReply =
  | { readonly opened: true }
  /** Why it cannot begin, or go on; it ends itself. */
  | { readonly failure: string }
  | ({ readonly id: number } & WorkerOutcome);

/** The number of the socket over which both go, in a worker. */
export const socketNumber = 4;
