import { availableParallelism } from 'node:os';
import { describe, expect, it } from '@jest/globals';
import { cores, quotaOf, withCores } from '../src/cores.ts';

/** A machine's files. */
const machine = (files: Readonly<Record<string, string>>) => (file: string) => files[file];

describe('cores', () => {
  it('are what was asked for, within the work that asked', async () => {
    const usual = cores();
    expect(await withCores(3, () => Promise.resolve(cores()))).toBe(3);
    expect(await withCores(undefined, () => Promise.resolve(cores()))).toBe(usual);
    expect(usual).toBeGreaterThanOrEqual(1);
    expect(usual).toBeLessThanOrEqual(availableParallelism());
  });
});

describe('quotaOf', () => {
  it.each([
    [
      'no limit',
      { '/proc/self/cgroup': '0::/user.slice\n', '/sys/fs/cgroup/user.slice/cpu.max': 'max 100000\n' },
      Infinity,
    ],
    ['half a core', { '/proc/self/cgroup': '0::/jobs/7\n', '/sys/fs/cgroup/jobs/7/cpu.max': '50000 100000\n' }, 0.5],
    [
      'the least on the way up',
      {
        '/proc/self/cgroup': '0::/jobs/7\n',
        '/sys/fs/cgroup/jobs/cpu.max': '200000 100000\n',
        '/sys/fs/cgroup/jobs/7/cpu.max': '400000 100000\n',
      },
      2,
    ],
    [
      'a container, which sees its own root',
      { '/proc/self/cgroup': '0::/\n', '/sys/fs/cgroup/cpu.max': '150000 100000\n' },
      1.5,
    ],
    [
      'version 1',
      {
        '/proc/self/cgroup': '11:memory:/slurm/job\n4:cpu,cpuacct:/slurm/job\n0::/\n',
        '/sys/fs/cgroup/cpu,cpuacct/slurm/job/cpu.cfs_quota_us': '300000\n',
        '/sys/fs/cgroup/cpu,cpuacct/slurm/job/cpu.cfs_period_us': '100000\n',
      },
      3,
    ],
    [
      'version 1 without a limit, under the name that all have',
      {
        '/proc/self/cgroup': '4:cpu,cpuacct:/\n',
        '/sys/fs/cgroup/cpu/cpu.cfs_quota_us': '-1\n',
        '/sys/fs/cgroup/cpu/cpu.cfs_period_us': '100000\n',
      },
      Infinity,
    ],
    ['a system without control groups', {}, Infinity],
    [
      'a file that says nothing of use',
      { '/proc/self/cgroup': '0::/a\n', '/sys/fs/cgroup/a/cpu.max': 'x\n' },
      Infinity,
    ],
  ])('reads %s', (_, files, quota) => {
    expect(quotaOf(machine(files as Record<string, string>))).toBe(quota);
  });
});
