// A process for listing.test.ts, with failing-fs.mjs loaded first: lists images once for every call that is to fail and every
// error, and prints as JSON how often what failed, how it ended, and every listing that may not be.
import { rmSync } from 'node:fs';
import { FaroutError, schemaOf, type Dataset } from '@farout/core';
import { imageFolder } from '../../src/image-folder.ts';
import { imageList } from '../../src/image-list.ts';
import { folderOf } from '../folder-of.ts';

interface Fault {
  readonly roots: readonly string[];
  readonly op?: string;
  readonly n?: number;
  readonly code?: string;
  readonly from?: boolean;
}

const shim = (globalThis as unknown as Record<symbol, unknown>)[Symbol.for('farout.failing-fs')] as {
  readonly arm: (fault: Fault) => void;
  readonly disarm: () => Record<string, number>;
};

const jpeg = { bytes: '\xff\xd8\xff' };
const outside = folderOf({ 'far.jpg': '', 'deep/away.jpg': '' });
const root = folderOf({
  'one/a.jpg': '',
  'one/by-content': jpeg,
  'one/notes': 'nothing of interest',
  'two/link.jpg': { to: '../one/a.jpg' },
  'two/away.jpg': { to: `${outside}/far.jpg` },
  'three/flattened': '../one/a.jpg',
  'three/nowhere.jpg': { to: 'gone.jpg' },
  'three/c.jpg': '',
  'three/in-circles': { to: '..' },
  four: { to: `${outside}/deep` },
});
const list = folderOf({ 'list.txt': 'one/a.jpg 0\ntwo/link.jpg 1\nfour/away.jpg 3\none/by-content 0\n' });

const kinds: Record<string, () => Promise<Dataset>> = {
  'image-folder': () => imageFolder.open(schemaOf(imageFolder).parse({ root, labels: 'folders' })),
  'image-list': () => imageList.open(schemaOf(imageList).parse({ list: `${list}/list.txt`, root })),
};
const roots = [root, outside, list];
const tried: Record<string, number> = {};
const ended: Record<string, number> = {};
const wrong: string[] = [];

async function outcome(open: () => Promise<Dataset>, whole: string, fault: Fault): Promise<string> {
  shim.arm(fault);
  try {
    return JSON.stringify(await open()) === whole ? 'all images' : 'other images';
  } catch (error) {
    return error instanceof FaroutError ? error.code : `no code: ${(error as Error).message}`;
  } finally {
    shim.disarm();
  }
}

for (const [kind, open] of Object.entries(kinds)) {
  shim.arm({ roots });
  const whole = JSON.stringify(await open());
  const counts = shim.disarm();
  for (const [op, calls] of Object.entries(counts)) {
    for (let n = 1; n <= calls; n++) {
      for (const code of ['EIO', 'EACCES', 'EMFILE', 'ENOMEM', 'ESTALE']) {
        for (const from of [false, true]) {
          const end = await outcome(open, whole, { roots, op, n, code, from });
          if (!['all images', 'OOD_DATASET_INVALID'].includes(end))
            wrong.push(`${kind}, ${op} ${n} of ${calls}${from ? ' and all later' : ''}, ${code}: ${end}`);
          tried[op] = (tried[op] ?? 0) + 1;
          ended[end] = (ended[end] ?? 0) + 1;
        }
      }
    }
  }
}
for (const folder of roots) rmSync(folder, { recursive: true, force: true });
process.stdout.write(JSON.stringify({ tried, ended, wrong }));
