import type { Override } from './override.ts';
import type { Environment } from './substitute-variables.ts';

/** The overrides in the variable FAROUT_SET, `path=value` in each line of it. They apply before those of the command line. */
export function environmentOverrides(env: Environment): Override[] {
  const lines = (env.FAROUT_SET ?? '').split(/\r?\n/).filter((line) => line.trim() !== '');
  return lines.map((text) => ({ source: 'environment FAROUT_SET', text }));
}
