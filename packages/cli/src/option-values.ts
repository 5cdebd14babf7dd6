import { existsSync } from 'node:fs';
import path from 'node:path';
import { isAddress, schemeOf } from '@farout/core';
import { badCommand } from './errors.ts';
import { userFolder } from './invocation.ts';

/**
 * A path that an option names, made absolute.
 *
 * @throws FaroutError OOD_BAD_COMMAND if it would create a folder called `~` or `$HOME`, which the shell has not
 *   expanded; or if it is an address.
 */
export function userPath(option: string, given: string): string {
  if (isAddress(given) || schemeOf(given) !== undefined)
    throw badCommand(`--${option} is an address, but must be a path on this machine`);
  const absolute = path.resolve(userFolder(), given);
  const [unreplaced] = /^~(?=\/|$)|(?<=^|\/)\$\{?[A-Za-z_]\w*\}?/.exec(given) ?? [];
  if (unreplaced === undefined || existsSync(absolute)) return absolute;
  const fix = `The shell expands ~ only at the beginning of a word, and variables only outside single quotes: --${option} "$HOME/…".`;
  throw badCommand(`--${option} would create "${unreplaced}" literally: the shell has not expanded it`, undefined, fix);
}

const units = {
  time: { h: 3_600_000, d: 86_400_000, w: 604_800_000 },
  size: { kB: 1e3, MB: 1e6, GB: 1e9, TB: 1e12 },
} as const;

/**
 * A number with its unit: `30d` in milliseconds, `10GB` in bytes.
 *
 * @throws FaroutError OOD_BAD_COMMAND if it is malformed.
 */
export function parseQuantity(option: string, text: string, of: keyof typeof units): number {
  const [, number, unit = ''] = /^(\d+(?:\.\d+)?) ?([A-Za-z]+)$/.exec(text) ?? [];
  const factor = Object.entries(units[of]).find(([name]) => name.toLowerCase() === unit.toLowerCase())?.[1];
  if (number !== undefined && factor !== undefined) return Number(number) * factor;
  const example = of === 'time' ? '30d' : '10GB';
  const names = Object.keys(units[of]).join(', ');
  throw badCommand(
    `--${option} is not a ${of}: "${text}"`,
    undefined,
    `Write a number and a unit (${names}): ${example}.`,
  );
}

/**
 * A share given by an option, strictly between 0 and 1.
 *
 * @throws FaroutError OOD_BAD_COMMAND if it is not.
 */
export function checkedShare(option: string, share: number): number {
  if (share > 0 && share < 1) return share;
  throw badCommand(`--${option} is ${share}`, undefined, 'Give a share between 0 and 1, such as 0.95.');
}

/** The current locations of a run's weights and ID images, as far as options give them. */
export const relocationOf = ({
  weights,
  data,
}: {
  weights?: string | undefined;
  data?: readonly string[] | undefined;
}) => ({
  ...(weights !== undefined && { weights }),
  ...(data && { data }),
});

/**
 * A number of cores; undefined if none is given.
 *
 * @throws FaroutError OOD_BAD_COMMAND if it is not a positive integer.
 */
export function coresGiven(given: number | undefined): number | undefined {
  if (given === undefined || (Number.isSafeInteger(given) && given > 0)) return given;
  throw badCommand(`--cores is ${given}`, undefined, 'Give a whole number above 0, such as 8.');
}

/** More tasks than this are considered a typo. */
const mostTasks = 1_000_000;

/**
 * `3/64`: the fourth of 64 tasks.
 *
 * @throws FaroutError OOD_BAD_COMMAND if it is malformed.
 */
export function parseTask(text: string): { readonly index: number; readonly of: number } {
  const [, index, of] = (/^(\d{1,7})\/(\d{1,7})$/.exec(text) ?? []).map(Number);
  if (index !== undefined && of !== undefined && index < of && of <= mostTasks) return { index, of };
  const fix = 'Tasks count from 0: the first of 64 is 0/64, the last 63/64.';
  throw badCommand(`--task is not a task: "${text}"`, undefined, fix);
}
