import { z, type Logger, type RenderOptions, type ReportData, type RunResults, type Store } from '@farout/core';
import type { PageMaker } from '../plugins/catalogue.ts';
import { describeValue } from '../plugins/describe-value.ts';
import { refuseMachineFault, settled } from '../plugins/failure.ts';
import { Entries, hashData } from '../store/entries.ts';
import type { RunFile } from './replace-files.ts';

/** What reporters make files of. */
export interface Drawn {
  readonly results: RunResults;
  readonly data: ReportData;
  /** See `RenderOptions`. */
  readonly full: boolean;
}

/** What reporters have besides: where what they draw is kept, if anywhere, and who is told. */
interface Studio {
  readonly store?: Store;
  readonly logger: Pick<Logger, 'warn'>;
}

/**
 * What reporters make of a run. One that fails costs a warning and its file: the results are written all the same. Each sees a
 * copy, and changes nothing for the others.
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

/** A plugin in plain JavaScript may give anything. */
function checkedText(made: unknown): string {
  if (typeof made === 'string') return made;
  throw new Error(`its reporter returned ${describeValue(made)}, expected text`);
}

/** The store's folder of what reporters keep. */
export const drawings = 'drawings';

/**
 * How a reporter keeps what it draws, by its code and the content: an entry each, so that one other number draws one chart. A store
 * that fails costs nothing but the keeping.
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
