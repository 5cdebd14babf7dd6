import type { Logger, ReportData, Reporter, RunResults } from '@farout/core';
import type { RunFile } from './replace-files.ts';

/** What reporters make of a run. One that fails costs a warning and its file: the results are written all the same. */
export async function renderedFiles(
  reporters: readonly Reporter[],
  results: RunResults,
  data: ReportData,
  { warn }: Logger,
): Promise<RunFile[]> {
  const files = await Promise.all(
    reporters.map(async ({ file, render }): Promise<RunFile[]> => {
      try {
        return [{ file, content: [await render(results, data)] }];
      } catch (error) {
        warn(`The run lacks ${file}: ${error instanceof Error ? error.message : String(error)}`);
        return [];
      }
    }),
  );
  return files.flat();
}
