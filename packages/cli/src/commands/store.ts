import { printable } from '@farout/core';
import { pruneStore, storeFolder, storeGroups, timeAt, type StoreGroup } from '@farout/runner';
import { amount } from '../amount.ts';
import { exitCodes } from '../command.ts';
import { badCommand } from '../errors.ts';
import { parseQuantity, userPath } from '../option-values.ts';

/** Arguments of `farout store`. */
interface StoreRequest {
  readonly action: string;
  readonly store?: string | undefined;
  readonly 'older-than'?: string | undefined;
  readonly 'larger-than'?: string | undefined;
  readonly 'dry-run': boolean;
}

/** `farout store list` and `farout store prune`: shows what the store holds, or makes it smaller. */
export async function store(request: StoreRequest): Promise<number> {
  const { action, store: given } = request;
  const folder = storeFolder({ store: given === undefined ? undefined : userPath('store', given) });
  if (action === 'list') await list(folder);
  else if (action === 'prune') await prune(folder, request);
  else throw badCommand(`unknown action "${action}"`, { word: action, title: 'Actions', names: ['list', 'prune'] });
  return exitCodes.done;
}

async function list(folder: string): Promise<void> {
  const groups = await storeGroups(folder);
  process.stdout.write(
    [printable(folder), '', ...groups.map(line), '', `${size(total(groups))} in total`, ''].join('\n'),
  );
}

async function prune(folder: string, request: StoreRequest): Promise<void> {
  const { 'older-than': age, 'larger-than': bytes, 'dry-run': dryRun } = request;
  const { groups, leftovers } = await pruneStore(folder, {
    olderThan: age === undefined ? undefined : parseQuantity('older-than', age, 'time'),
    largerThan: bytes === undefined ? undefined : parseQuantity('larger-than', bytes, 'size'),
    dryRun,
    now: await timeAt(folder),
  });
  const gone = `${dryRun ? 'Would remove' : 'Removed'} ${size(total(groups))} and ${amount(leftovers.length, 'temporary file')}`;
  process.stdout.write([...groups.map(line), `${gone} from ${printable(folder)}`, ''].join('\n'));
}

const total = (groups: readonly StoreGroup[]) => groups.reduce((sum, { bytes }) => sum + bytes, 0);

function line({ kind, name, bytes, used, images, shards, note }: StoreGroup): string {
  const counted = images === undefined ? '' : `${amount(images, 'image')} in ${amount(shards ?? 0, 'shard')}`;
  const made = note && `${note.network}, ${recipeOf(note)}, ${note.device}, for ${note.experiment}`;
  const day = new Date(used).toISOString().slice(0, 10);
  const columns = [kind.padEnd(10), name.slice(0, 8).padEnd(8), size(bytes).padStart(9), `used ${day}`, counted];
  // A note is a file that anyone may have written.
  return [...columns, ...(made === undefined ? [] : [made])].map(printable).join('  ').trimEnd();
}

/** `256/224`, plus any unusual settings. */
const recipeOf = ({ resize, crop, interpolation, sides }: NonNullable<StoreGroup['note']>) =>
  [`${resize}/${crop}`, interpolation === 'bicubic' && interpolation, sides === 'both' && 'both sides']
    .filter((each) => each !== false)
    .join(' ');

function size(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  const power = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3));
  return `${(bytes / 1000 ** power).toFixed(power === 0 ? 0 : 1)} ${units[power]!}`;
}
