import { mkdirSync, mkdtempSync, openSync, rmSync, truncateSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { FaroutError } from '@farout/core';
import { writeOnnx } from '@farout/onnx';
import { input } from '@farout/tensor';
import fc from 'fast-check';
import { readDescription, type Description } from '../src/index.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'farout-description-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const description: Description = {
  schemaVersion: 1,
  detector: 'ReAct',
  parts: [{ kind: 'scorer', name: 'energy', params: { temperature: 1 }, learnt: { c: 0.5, mean: { shape: [3, 4] } } }],
  threshold: { value: 1.5, score: 1, rule: 'tpr', tpr: 0.95, index: 0, count: 3 },
  idScores: { count: 3, scores: [1, 2, 3] },
  input: { kind: 'pixels', name: 'pixels', size: 8 },
  preprocessing: { resize: 8, crop: 8, interpolation: 'bilinear', sides: 'shorter', mean: [0, 0, 0], std: [1, 1, 1] },
  results: [{ ood: 'noise', metric: 'auroc', value: 0.9 }],
  hashes: { backbone: 'b', id: { objects: 'o' } },
  versions: { farout: '0.1.0' },
};

const model = (metadata: Readonly<Record<string, string>>) =>
  writeOnnx({ score: input('pixels', ['N', 3]).sum([1]) }, { portable: true, metadata });
const saying = (said: unknown) => model({ farout: typeof said === 'string' ? said : JSON.stringify(said) });
const refusal = (message: string) => ({
  code: 'OOD_DETECTOR_FILE_INVALID',
  message: expect.stringContaining(message) as unknown,
});

/** A length or a number as protobuf writes it. */
function varint(value: number): number[] {
  return value < 128 ? [value] : [(value % 128) + 128, ...varint(Math.floor(value / 128))];
}
/** A field of bytes. */
const field = (number: number, bytes: Uint8Array) =>
  Buffer.concat([Buffer.from([...varint(number * 8 + 2), ...varint(bytes.length)]), bytes]);
const entry = (key: string, value: string) =>
  field(14, Buffer.concat([field(1, Buffer.from(key)), field(2, Buffer.from(value))]));

describe('readDescription', () => {
  it('reads what is written, from a file and from bytes, among other metadata', async () => {
    const bytes = model({ author: 'somebody', farout: JSON.stringify(description), zebra: '' });
    const file = path.join(folder, 'detector.onnx');
    writeFileSync(file, bytes);
    expect(await readDescription(file)).toEqual(description);
    expect(await readDescription(bytes)).toEqual(description);
  });

  it('reads a number that JSON has not', async () => {
    const scores = ['-Infinity', 2, 'Infinity'];
    const said = await readDescription(saying({ ...description, idScores: { count: 3, scores } }));
    expect(said.idScores.scores).toEqual([-Infinity, 2, Infinity]);
  });

  it.each([
    ['is empty', new Uint8Array(), 'it is empty'],
    ['is an image', Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), 'it is not an ONNX model'],
    ['is text', Buffer.from('no model at all'), 'it is not an ONNX model'],
    ['was cut off', saying(description).subarray(0, -1), 'it is truncated'],
    ['has a length beyond its end', Buffer.from([58, 255, 255, 255, 127]), 'it is truncated'],
    [
      'has a length beyond all files',
      Buffer.from([58, ...new Array<number>(9).fill(255), 1]),
      'it is not an ONNX model',
    ],
    ['has too many fields', Buffer.alloc(2e5, Buffer.from([8, 1])), 'more than 10000 fields'],
    ['is a network alone', model({}), 'farout export did not write it'],
    ['has metadata of others', model({ author: 'farout' }), 'farout export did not write it'],
    ['has too large an entry', entry('farout', ' '.repeat(2 ** 24)), 'an entry of 17 MiB, more than 16'],
    ['says no JSON', saying('{'), 'its description is not valid JSON'],
    ['says null', saying('null'), 'of version none, not 1'],
    ['is of another version', saying({ ...description, schemaVersion: 2 }), 'of version 2, not 1'],
    ['is of a version of no kind', saying('{"schemaVersion":{"toString":1,"valueOf":1}}'), 'of version {"toString":1'],
    ['lacks a threshold', saying({ ...description, threshold: undefined }), 'its description is invalid: threshold'],
    ['has a key more', saying({ ...description, run: 'rm' }), 'Unrecognized key: "run"'],
    [
      'would take all memory for an image',
      saying({ ...description, input: { ...description.input, size: 1e9 } }),
      'input.size',
    ],
  ])('refuses a file that %s', async (_, bytes, message) => {
    const file = path.join(folder, 'other.onnx');
    writeFileSync(file, bytes);
    await expect(readDescription(file)).rejects.toMatchObject(refusal(message));
    await expect(readDescription(bytes)).rejects.toMatchObject(refusal(message));
  });

  it('refuses a folder, and a file that is not there', async () => {
    mkdirSync(path.join(folder, 'folder'));
    await expect(readDescription(path.join(folder, 'folder'))).rejects.toMatchObject(refusal('it is not a file'));
    const absent = path.join(folder, 'absent.onnx');
    await expect(readDescription(absent)).rejects.toMatchObject({ code: 'OOD_MISSING_FILE' });
  });

  it('takes __proto__ for a name as any other, and nothing from it', async () => {
    const text = JSON.stringify({ ...description, detector: '__proto__', labels: ['__proto__', 'constructor'] })
      .replace('"objects"', '"__proto__"')
      .replace('"temperature":1', '"__proto__":{"polluted":true}');
    const said = await readDescription(saying(text));
    expect([said.detector, said.labels]).toEqual(['__proto__', ['__proto__', 'constructor']]);
    expect((said.parts[0]!.params as { polluted?: boolean }).polluted).toBeUndefined();
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
    expect(Object.getPrototypeOf(said.parts[0]!.params)).toBe(Object.prototype);
  });

  it('reads nothing of a graph of 100 MB but where it ends', async () => {
    const file = path.join(folder, 'large.onnx');
    const [length, said] = [100e6, entry('farout', JSON.stringify(description))];
    const head = Buffer.from([8, 8, 7 * 8 + 2, ...varint(length)]);
    const handle = openSync(file, 'w');
    writeSync(handle, head);
    truncateSync(file, head.length + length);
    writeSync(handle, said, 0, said.length, head.length + length);
    const before = process.memoryUsage.rss();
    expect(await readDescription(file)).toEqual(description);
    expect(process.memoryUsage.rss() - before).toBeLessThan(50e6);
  });

  it('reads any bytes, or says in an error of its own why not', async () => {
    const whole = saying(description);
    const change = fc.tuple(fc.nat(whole.length - 1), fc.nat(255));
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.nat(whole.length).map((end) => whole.subarray(0, end)),
      fc.array(change, { minLength: 1, maxLength: 8 }).map((changes) => {
        const changed = Uint8Array.from(whole);
        for (const [at, byte] of changes) changed[at] = byte;
        return changed;
      }),
    );
    await fc.assert(
      fc.asyncProperty(bytes, async (given) => {
        const read = await readDescription(given).catch((error: unknown) => error);
        if (read instanceof Error) {
          expect(read).toBeInstanceOf(FaroutError);
          expect((read as FaroutError).code).toBe('OOD_DETECTOR_FILE_INVALID');
        }
      }),
      { numRuns: 2000 },
    );
  });
});
