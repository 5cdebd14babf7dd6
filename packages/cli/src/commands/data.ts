import { checkData, checkExperimentData, json, type DataVerdict } from '@farout/runner';
import picocolors from 'picocolors';
import { checkedSets } from '../checked-sets.ts';
import { exitCodes } from '../command.ts';
import { badCommand } from '../errors.ts';
import { userPath } from '../option-values.ts';
import { displayOn, showsColour, silentDisplay } from '../progress.ts';
import { untilSignal } from '../until-signal.ts';
import { verdictText } from '../verdict-text.ts';
import { writeOwn } from '../write-new.ts';

/** Arguments of `farout data`. */
interface DataRequest {
  readonly action: string;
  readonly what: string[];
  readonly set: string[];
  readonly to: string;
  readonly quiet: boolean;
}

/** `farout data check`: checks every file of datasets, prints the findings and writes them as JSON. */
export async function data({ action, what, set, to, quiet }: DataRequest): Promise<number> {
  if (action !== 'check')
    throw badCommand(`unknown action "${action}"`, { word: action, title: 'Actions', names: ['check'] });
  const file = userPath('to', to);
  const { sets, experiment, howToGet } = await checkedSets(what, set);
  const display = quiet ? silentDisplay : displayOn(process.stderr);
  const verdict = await untilSignal(
    (signal) => {
      const options = { howToGet, signal, progress: display };
      return experiment ? checkExperimentData(experiment, sets, options) : checkData(sets, undefined, options);
    },
    () => display.print('Stopping: nothing is written.'),
  );
  await writeOwn(file, to, json(verdict), isVerdict);
  process.stdout.write(verdictText(verdict, to, picocolors.createColors(showsColour(process.stdout))));
  return verdict.ok ? exitCodes.done : exitCodes.failed;
}

/** Whether a file was written by this command. */
function isVerdict(text: string): boolean {
  try {
    const { schemaVersion, ok, findings } = JSON.parse(text) as Partial<DataVerdict>;
    return schemaVersion === 1 && typeof ok === 'boolean' && Array.isArray(findings);
  } catch {
    return false;
  }
}
