import type { Logger, RenderOptions, ReportData, RunResults } from '@farout/core';
import type { PageMaker } from '../container.ts';
import { describeValue, refuseMachineFault, settled } from '../plugins/failure.ts';
import type { RunFile } from './replace-files.ts';

/** What reporters make files of. */
export interface Drawn {
  readonly results: RunResults;
  readonly data: ReportData;
  readonly options: RenderOptions;
}

/**
 * What reporters make of a run. One that fails costs a warning and its file: the results are written all the same. Each sees a
 * copy, and changes nothing for the others.
 */
export async function renderPages(
  reporters: readonly PageMaker[],
  { results, data, options }: Drawn,
  { warn }: Pick<Logger, 'warn'>,
): Promise<RunFile[]> {
  const files = await Promise.all(
    reporters.map(async ({ file, render }): Promise<RunFile[]> => {
      try {
        const made = Promise.resolve(render(structuredClone(results), structuredClone(data), options));
        return [{ file, content: [checkedText(await settled(made))] }];
      } catch (error) {
        refuseMachineFault(error);
        warn(`The run lacks ${file}: ${error instanceof Error ? error.message : String(error)}`);
        return [];
      }
    }),
  );
  return files.flat();
}

/** A plugin in plain JavaScript may give anything. */
function checkedText(made: unknown): string {
  if (typeof made === 'string') return made;
  throw new Error(`its reporter gave ${describeValue(made)}, expected text`);
}
