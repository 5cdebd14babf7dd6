import type { Watch } from '@farout/deploy/load';

/** Events of the service. They contain no data from requests. */
export type LogEvent =
  | { readonly event: 'listening'; readonly address: string; readonly model: string; readonly workers: number }
  | { readonly event: 'worker-ready'; readonly pid: number | undefined }
  | {
      readonly event: 'worker-ended';
      readonly pid: number | undefined;
      readonly how: string;
      /** How many images it held. */
      readonly images: number;
    }
  /** More images are rejected than the threshold guarantees. */
  | {
      readonly event: 'drift';
      readonly evidence: number;
      readonly alpha: number;
      readonly groups: ReturnType<Watch['groups']>;
    }
  /** The file has no guarantee that could be monitored. */
  | { readonly event: 'drift-unwatched'; readonly reason: string }
  | { readonly event: 'draining' | 'ended' }
  /** A bug in farout. */
  | { readonly event: 'fault'; readonly message: string; readonly stack: string | undefined };

/** Receives each event as it happens. */
export type Log = (event: LogEvent) => void;
