import type { RawPixels } from '@farout/core';
import type { Verdict } from '@farout/deploy/load';

/** An image of a request: the bytes of its file, or its pixels. Never a path, although a detector would accept one. */
export type RequestImage = Uint8Array | RawPixels;

/** What a worker needs to start. */
export interface WorkerSetup {
  /** The path of the detector's file. */
  readonly model: string;
  /** SHA-256 of the file at the start of the service: a worker started later must not use a different file. */
  readonly content: string;
  /** Images with more pixels are refused. */
  readonly maxPixels: number;
  /** Images with more pixels are scored only if that is allowed. */
  readonly largePixels: number;
}

/** A message to a worker: first what to open, then images, whose bytes are the body of the frame. */
export type WorkerRequest =
  | { readonly setup: WorkerSetup }
  | {
      readonly id: number;
      /** Height, width and 3, if the bytes are pixels instead of a file. */
      readonly shape?: RawPixels['shape'];
      readonly mayBeLarge: boolean;
    };

/** The result of an image in a worker. */
export type WorkerOutcome =
  | { readonly verdict: Verdict }
  /** Why it is refused. */
  | { readonly unreadable: string }
  /** It is larger than allowed and was not decoded. */
  | { readonly isLarge: true };

/** A message from a worker. */
export type WorkerReply =
  | { readonly opened: true }
  /** Why it cannot start or continue; it then exits. */
  | { readonly failure: string }
  | ({ readonly id: number } & WorkerOutcome);

/** The file descriptor of the socket for both, in a worker. */
export const socketNumber = 4;
