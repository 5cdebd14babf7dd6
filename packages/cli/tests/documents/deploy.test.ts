import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { loadDetector, readDescription } from '@farout/deploy';
import { openSession } from '@farout/runtime';
import { runCli } from '../run-cli.ts';
import { files } from './fenced-blocks.ts';
import { Workplace } from './workplace.ts';

const workplace = new Workplace();
afterAll(() => workplace.remove());

/** A Python with what the snippet imports but onnxruntime, of which a stand-in is written. */
const python = process.env.FAROUT_PYTHON ?? 'python3';
const hasPillow = spawnSync(python, ['-c', 'import numpy; from PIL import Image']).status === 0;
const itWithPillow = hasPillow ? it : it.skip;

/** It hands over the metadata of the file, keeps what it is fed, and says that the image is ID. */
const standIn = `import json, types

class InferenceSession:
    def __init__(self, file):
        self.said = open(file + '.json').read()

    def get_modelmeta(self):
        return types.SimpleNamespace(custom_metadata_map={'farout': self.said})

    def run(self, outputs, feeds):
        assert outputs == ['score', 'is_in_distribution'] and list(feeds) == ['pixels']
        import numpy
        numpy.ascontiguousarray(feeds['pixels']).tofile('fed.bin')
        json.dump([str(feeds['pixels'].dtype), list(feeds['pixels'].shape)], open('fed.json', 'w'))
        return [numpy.array([[1.5]], 'float32'), numpy.array([[True]])]
`;

describe('the snippets of docs/deploy.md in other languages', () => {
  beforeAll(async () => {
    expect(await workplace.run('configs/demo.yaml', ['ood=[noise]'], 'runs/demo', '--no-report')).toMatchObject({
      code: 0,
    });
    const written = await runCli(['export', 'runs/demo', '--detector', 'ReAct'], { cwd: workplace.folder });
    expect(written).toMatchObject({ code: 0 });
    workplace.write('detector.onnx.json', JSON.stringify(await readDescription(workplace.path('detector.onnx'))));
    workplace.write('onnxruntime.py', standIn);
  });

  itWithPillow(
    'feed in Python the pixels that farout feeds (needs Pillow in the Python of FAROUT_PYTHON)',
    async () => {
      const ended = spawnSync(python, ['verdict.py'], { cwd: workplace.folder, encoding: 'utf8' });
      expect([ended.stderr, ended.stdout]).toEqual(['', 'ID 1.5\n']);
      expect(JSON.parse(readFileSync(workplace.path('fed.json'), 'utf8'))).toEqual(['uint8', [1, 64, 64, 3]]);
      const fed = { data: new Uint8Array(readFileSync(workplace.path('fed.bin'))), shape: [64, 64, 3] as const };
      const detector = await loadDetector(workplace.path('detector.onnx'));
      try {
        const [ofPython, own] = [await detector.score(fed), await detector.score(workplace.path('photo.jpg'))];
        expect(ofPython).toEqual(own);
      } finally {
        await detector.close();
      }
    },
  );

  it('give Triton the names, types and sizes of the file', async () => {
    const { text } = files.find(({ file }) => file === 'config.pbtxt')!;
    const tensor = /name: "(\w+)", data_type: TYPE_(\w+), dims: \[ ([\d, ]+) \]/g;
    const said = [...text.matchAll(tensor)].map(([, name, type, sizes]) => [
      name,
      [type, ...sizes!.split(', ').map(Number)],
    ]);
    const session = await openSession(workplace.path('detector.onnx'), { threads: 1 });
    try {
      const pixels = { data: new Uint8Array(2 * 64 * 64 * 3), shape: [2, 64, 64, 3] };
      const outputs = await session.run({ pixels });
      const found = Object.entries({ pixels, ...outputs }).map(([name, { data, shape }]) => {
        const ofBytes = name === 'pixels' ? 'UINT8' : 'BOOL';
        return [name, [data instanceof Float32Array ? 'FP32' : ofBytes, ...shape.slice(1)]];
      });
      expect(said.toSorted()).toEqual(found.toSorted());
    } finally {
      await session.release();
    }
  });

  it('are said not to be run where they are not', () => {
    const document = readFileSync(new URL('../../../../docs/deploy.md', import.meta.url), 'utf8');
    const others = files.filter(({ language }) => ['cpp', 'java'].includes(language));
    expect(others.map(({ file }) => file)).toEqual(['verdict.cpp', 'Verdict.java']);
    for (const { text } of others) {
      const before = document.slice(0, document.indexOf(text));
      expect(before.slice(before.lastIndexOf('\n### '))).toContain('Not run by the tests.');
    }
  });
});
