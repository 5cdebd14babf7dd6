import { z, type Logger, type RenderOptions, type ReportData, type RunResults, type Store } from '@farout/core';
import type { PageMaker } from '../plugins/catalogue.ts';
import { describeValue } from '../plugins/describe-value.ts';
import { refuseMachineFault, settled } from '../plugins/failure.ts';
import { Entries, hashData } from '../store/entries.ts';
import type { RunFile } from './replace-files.ts';

/** The input of reporters. */
export interface Drawn {
  readonly results: RunResults;
  readonly data: ReportData;
  /** See `RenderOptions`. */
  readonly full: boolean;
}

/** What else reporters use: the store that caches their drawings, if any, and a logger. */
interface Studio {
  readonly store?: Store;
  readonly logger: Pick<Logger, 'warn'>;
}

/**
 * The files that reporters make of a run. If one fails, its file is missing and a warning is logged; the results are
 * still written. Each reporter gets its own copy of the data, so it cannot change anything for the others.
 */
export async function renderPages(
  reporters: readonly PageMaker[],
  { results, data, full }: Drawn,
  studio: Studio,
): Promise<RunFile[]> {
  const files = await Promise.all(
    reporters.map(async (reporter): Promise<RunFile[]> => {
      const { file, render } = reporter;
      const options = { full, ...keeping(reporter, studio) };
      try {
        const made = Promise.resolve(render(structuredClone(results), structuredClone(data), options));
        return [{ file, content: [checkedText(await settled(made))] }];
      } catch (error) {
        refuseMachineFault(error);
        studio.logger.warn(`The run lacks ${file}: ${error instanceof Error ? error.message : String(error)}`);
        return [];
      }
    }),
  );
  return files.flat();
}

/** A plugin in plain JavaScript may return anything. */
function checkedText(made: unknown): string {
  if (typeof made === 'string') return made;
  throw new Error(`its reporter returned ${describeValue(made)}, expected text`);
}

/** The folder in the store where reporters cache drawings. */
export const drawings = 'drawings';

/**
 * Caches what a reporter draws, by its code and the content. One entry per drawing, so that changing one number
 * redraws one chart. Errors of the store are ignored: the drawing is then not cached.
 */
function keeping({ file, code }: PageMaker, { store, logger }: Studio): Pick<RenderOptions, 'kept'> {
  if (!store || !code) return {};
  const entries = new Entries({ store, logger });
  const nothing = () => undefined;
  return {
    kept: async (content, make) => {
      const key = `${drawings}/${hashData([code(), file, content])}.json`;
      const known = await entries.readJson(key, z.string()).catch(nothing);
      if (known !== undefined) return known;
      const made = checkedText(await make());
      await entries.writeJson(key, made).catch(nothing);
      return made;
    },
  };
}
