import path from 'node:path';
import { fullReporters, readReportData, readResults, reporters } from '@farout/report';
import { rewriteFiles } from '@farout/runner';
import { exitCodes } from '../exit-codes.ts';
import { openReport } from '../open-report.ts';
import { userFolder } from '../user-folder.ts';

/** What the command line gives to `farout report`. */
export interface ReportRequest {
  readonly run: string;
  readonly open: boolean;
  readonly full: boolean;
}

/** `farout report`: makes what is made from the results again, from what the run left on disk. */
export async function report({ run, open, full }: ReportRequest): Promise<number> {
  const folder = path.resolve(userFolder(), run);
  const [results, data] = [await readResults(folder), await readReportData(folder)];
  const files = await Promise.all(
    (full ? fullReporters : reporters).map(async ({ file, render }) => ({
      file,
      content: await render(results, data),
    })),
  );
  await rewriteFiles(folder, files);
  process.stdout.write(files.map(({ file }) => `${path.join(run, file)}\n`).join(''));
  if (open) await openReport(folder);
  return exitCodes.done;
}
