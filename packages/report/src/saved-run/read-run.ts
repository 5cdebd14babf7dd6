import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { FaroutError, type ReportData, type RunResults, type z } from '@farout/core';
import { reportDataSchema } from './report-data-schema.ts';
import { resultsSchema } from '../saved-run.ts';

/**
 * What `results.json` of a run folder says.
 *
 * @throws FaroutError OOD_RUN_UNREADABLE when the folder holds no run, or one that is damaged or of another version.
 */
export const readResults = (folder: string): Promise<RunResults> => read(folder, 'results.json', resultsSchema);

/**
 * What the report of a run folder is drawn from.
 *
 * @throws FaroutError OOD_RUN_UNREADABLE, as `readResults`.
 */
export const readReportData = (folder: string): Promise<ReportData> =>
  read(folder, 'report-data.json', reportDataSchema);

async function read<T>(folder: string, file: string, schema: z.ZodType<T>): Promise<T> {
  const full = path.join(folder, file);
  const { data, error } = schema.safeParse(parse(full, await textOf(full, folder)));
  if (data !== undefined) return data;
  const [first] = error!.issues;
  throw unreadable(
    `${full} is not what this farout writes: ${first!.path.join('.') || 'the whole'}: ${first!.message}`,
  );
}

async function textOf(full: string, folder: string): Promise<string> {
  try {
    return await readFile(full, 'utf8');
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const why = code === 'ENOENT' ? `there is no ${path.basename(full)} in it` : message;
    throw unreadable(`${folder} is no run folder: ${why}`, cause);
  }
}

function parse(full: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw unreadable(`${full} is damaged: ${(cause as Error).message}`, cause);
  }
}

const unreadable = (message: string, cause?: unknown) =>
  new FaroutError('OOD_RUN_UNREADABLE', message, {
    fix: 'Name the folder of a finished run, such as runs/demo; run the experiment again if it is damaged or older than this farout.',
    cause,
  });
