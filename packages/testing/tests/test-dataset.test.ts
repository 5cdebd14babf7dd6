import { defineDataset, FaroutError, z } from '@farout/core';
import { describe, expect, it } from '@jest/globals';
import { datasetChecks } from '../src/checks/dataset.ts';
import { testDataset, type DatasetCase } from '../src/index.ts';
import { recordedTests } from './parts/recorded-tests.ts';

const most = 3;

/** Images called by their numbers, the even ones labelled. */
const numbers = defineDataset({
  name: 'numbers',
  params: z.object({ count: z.int().min(1), prefix: z.string().default('n') }),
  open: ({ count, prefix }) => {
    if (count > most) throw new FaroutError('OOD_DATASET_INVALID', `there are ${most} images`);
    const images = Array.from({ length: count }, (_, index) => ({
      id: `${prefix}${index}`,
      ...(index % 2 === 0 && { label: index }),
      version: `${index}`,
      read: () => Promise.resolve(Uint8Array.of(index)),
    }));
    return Promise.resolve({ images });
  },
});

const verdictsOf = (cases: readonly DatasetCase[]) =>
  recordedTests((functions) => testDataset(numbers, cases, functions));

describe('testDataset', () => {
  it('registers a test for every case and every clause of the contract, and all pass for a correct dataset', async () => {
    const verdicts = await verdictsOf([
      { title: 'a count of 0 is refused', params: { count: 0 }, refused: 'count' },
      { title: 'more than there are', params: { count: 4 }, fails: 'OOD_DATASET_INVALID' },
      { title: 'ids', params: { count: 2, prefix: 'i' }, ids: ['i0', 'i1'] },
      { title: 'ids and labels', params: { count: 3 }, ids: ['n0', 'n1', 'n2'], labels: [0, undefined, 2] },
    ]);
    expect(Object.values(verdicts).filter((message) => message !== undefined)).toEqual([]);
    expect(Object.keys(verdicts)).toHaveLength(4 + datasetChecks.length);
  });

  it('fails a case with other ids, other labels, or another order', async () => {
    const verdicts = await verdictsOf([
      { title: 'good', params: { count: 1 }, ids: ['n0'] },
      { title: 'ids', params: { count: 1 }, ids: ['n1'] },
      { title: 'order', params: { count: 2 }, ids: ['n1', 'n0'] },
      { title: 'labels', params: { count: 1 }, ids: ['n0'], labels: [undefined] },
    ]);
    const failed = Object.entries(verdicts).filter(([, message]) => message !== undefined);
    expect(failed.map(([title]) => title)).toEqual(['ids', 'order', 'labels']);
  });

  it('fails a failure that does not happen, or that is another', async () => {
    const verdicts = await verdictsOf([
      { title: 'good', params: { count: 1 }, ids: ['n0'] },
      { title: 'opens', params: { count: 1 }, fails: 'OOD_DATASET_INVALID' },
      { title: 'other', params: { count: 9 }, fails: 'OOD_MISSING_FILE' },
    ]);
    expect(verdicts.opens).toBe('it opens; expected is OOD_DATASET_INVALID');
    expect(verdicts.other).toMatch(/^it fails otherwise: there are 3 images/);
  });

  it('fails a case whose parameters are refused, and a refusal that does not happen', async () => {
    const verdicts = await verdictsOf([
      { title: 'refused', params: { count: 0 }, ids: [] },
      { title: 'accepted', params: { count: 1 }, refused: 'count' },
    ]);
    expect(verdicts.refused).toMatch(/^\{"count":0\} is refused/);
    expect(verdicts.accepted).toBe('{"count":1} is accepted');
    expect(verdicts['lists images']).toBe(verdicts.refused);
  });
});

testDataset(numbers, [
  { title: 'registers with the global functions of the runner', params: { count: 1 }, ids: ['n0'] },
]);
