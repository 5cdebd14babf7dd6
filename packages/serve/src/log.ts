import type { Watch } from '@farout/deploy/load';

/** What happens to the service. Nothing that a request says is in it. */
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
  /** More images are refused than the threshold promises. */
  | {
      readonly event: 'drift';
      readonly evidence: number;
      readonly alpha: number;
      readonly groups: ReturnType<Watch['groups']>;
    }
  /** The file promises nothing that could be watched. */
  | { readonly event: 'drift-unwatched'; readonly reason: string }
  | { readonly event: 'draining' | 'ended' }
  /** A mistake of farout itself. */
  | { readonly event: 'fault'; readonly message: string; readonly stack: string | undefined };

/** Is told each event as it happens. */
export type Log = (event: LogEvent) => void;
