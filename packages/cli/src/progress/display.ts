import type { Progress } from '@farout/core';

/** Shows progress, and lines that do not disturb it. */
export interface Display extends Progress {
  readonly print: (line: string) => void;
}
