import {
  howToPlace,
  isOffline,
  notAsked,
  planPull,
  sizeInWords,
  termsOf,
  type Manifest,
  type PullStep,
} from '@farout/acquire';
import { FaroutError } from '@farout/core';
import { invocation, word } from './invocation.ts';

/** What an experiment lacks, on one screen: each file, the command that gets it, and what must be placed by hand. */
export async function notPulled(file: string, manifests: readonly Manifest[]): Promise<FaroutError> {
  const steps = (await planPull(manifests)).filter(({ state }) => state !== 'there');
  const command = `${invocation} pull ${word(file)}`;
  const lacking = steps.filter(({ state }) => state !== 'unpack');
  if (isOffline(process.env) && lacking.length > 0) return notAsked(lacking, `run "${command} --offline"`);
  const things = steps.length === 1 ? 'one item that is' : `${steps.length} items that are`;
  const message = [`${file} needs ${things} not on this machine:`, ...table(steps)].join('\n');
  const placed = steps.filter(({ state }) => state === 'by hand');
  const last = placed.length === steps.length ? [`  Then: ${command}`] : [];
  const lines = [...howToGet(command, steps, placed), ...placed.flatMap(howToPlace), ...last];
  return new FaroutError('OOD_NOT_PULLED', message, { fix: lines.join('\n') });
}

/** Most terminals have more columns. */
const width = 100;

/** One line each: name, size, licence terms. */
function table(steps: readonly PullStep[]): string[] {
  const rows = steps.map(({ manifest: { name, source }, file, state }) => {
    const size = file.size === undefined ? 'size not published' : sizeInWords(file.size);
    const how = state === 'by hand' ? `${size}, by hand` : state === 'unpack' ? 'to be unpacked' : size;
    return [name, how, termsOf(source)] as const;
  });
  const widest = (column: 0 | 1) => Math.max(...rows.map((row) => row[column].length));
  const [names, sizes] = [widest(0), widest(1)];
  const lines = rows.map(([name, how, terms]) => `  ${name.padEnd(names)}  ${how.padEnd(sizes)}  ${terms}`);
  return lines.map((line) => (line.length <= width ? line : `${line.slice(0, width - 1)}…`));
}

/** The command that gets everything except what must be placed by hand. */
function howToGet(command: string, steps: readonly PullStep[], placed: readonly PullStep[]): string[] {
  const gets = steps.length - placed.length;
  if (gets === 0) return [];
  const loads = steps.filter(({ state }) => state === 'load');
  const known = loads.filter(({ size }) => size !== undefined);
  const sizes = [
    ...(known.length > 0 ? [sizeInWords(known.reduce((sum, { size = 0 }) => sum + size, 0))] : []),
    ...(known.length < loads.length ? [`${loads.length - known.length} of unknown size`] : []),
  ];
  const how = sizes.length > 0 ? ` (${sizes.join(' and ')})` : '';
  const what = steps.length === 1 ? 'it' : placed.length === 0 ? 'them' : `${gets} of them`;
  return [
    `Get ${what}, verified${how}:`,
    `    ${command}`,
    '  --dry-run only shows addresses, sizes and terms. "run --pull" downloads them and then runs.',
  ];
}
