import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { loadDetector } from '@farout/deploy';
import { prepare } from '@farout/images';
import type * as FaroutWeb from '@farout/web';
import { Site } from '../../packages/cli/tests/browser/page-in-browser.ts';
import { chromiumFile } from '../../packages/cli/tests/chromium-file.ts';
import { farout } from '../farout-process.ts';
import { allOf, atMost, type Check } from './check.ts';
import type { Workplace } from './end-to-end.ts';

/** How many photographs are in the browser's memory at a time. */
const atOnce = 10;
/** One of this many photographs is scored: WebAssembly takes a tenth of a second each. */
const everyNth = 10;

/** Chromium's result for a photograph: the SHA-256 of the network's input pixels, and for some the score. */
interface Made {
  readonly hash: string;
  readonly score?: number;
  readonly isInDistribution?: boolean;
}

/** MobileNet-v2 with ReAct in Chromium: the pixels of all reference photographs, and the scores of every tenth. */
export async function browser({ data, folder }: Workplace): Promise<Check[]> {
  if (!chromiumFile) throw new Error('Chromium not found. Set FAROUT_CHROMIUM to its path.');
  const [run, file] = [path.join(folder, 'in-browser'), path.join(folder, 'in-browser.onnx')];
  const words = [
    '--set',
    `store=${folder}/store`,
    '--set',
    'detectors={ReAct: [react, energy]}',
    '--set',
    'ood=[flowers]',
    '--no-report',
  ];
  await done(['run', 'tools/fidelity/photographs-mobilenet-v2.yaml', ...words, '--out', run], data);
  await done(['export', run, '--detector', 'ReAct', '--to', file], data);
  const site = await Site.open({ 'detector.onnx': readFileSync(file) });
  const inNode = await loadDetector(file);
  let [same, decided, scored, largest] = [0, 0, 0, 0];
  const images = photographsIn(data);
  try {
    const page = await site.visit();
    for (let from = 0; from < images.length; from += atOnce) {
      const some = images.slice(from, from + atOnce).map((image) => readFileSync(image));
      const given = some.map((bytes, at) => ({
        base64: bytes.toString('base64'),
        isScored: (from + at) % everyNth === 0,
      }));
      const made = await page.evaluate(inPage, given);
      for (const [at, bytes] of some.entries()) {
        const { hash, score, isInDistribution } = made[at]!;
        const pixels = await prepare(bytes, inNode.description.preprocessing);
        if (hash === createHash('sha256').update(pixels).digest('hex')) same++;
        if (score === undefined) continue;
        const expected = await inNode.score(bytes);
        largest = Math.max(largest, Math.abs(score - expected.score) / Math.abs(expected.score));
        if (isInDistribution === expected.isInDistribution) decided++;
        scored++;
      }
    }
  } finally {
    await inNode.close();
    await site.close();
  }
  return [
    allOf('Chromium: pixels of photographs as in Node', same, images.length),
    atMost(`Chromium: scores of ${scored} photographs, relative difference to Node`, largest, 1e-5),
    allOf("Chromium: Node's decisions", decided, scored),
  ];
}

/** All reference photographs, by folder and name. */
const photographsIn = (data: string): string[] =>
  readdirSync(path.join(data, 'images'), { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.jpe?g$/i.test(file))
    .sort()
    .map((file) => path.join(data, 'images', file));

/** Runs in the page, which keeps its detector between calls. */
async function inPage(given: readonly { base64: string; isScored: boolean }[]): Promise<Made[]> {
  const library = './farout.js';
  const { load } = (await import(new URL(library, document.baseURI).href)) as typeof FaroutWeb;
  const kept = globalThis as unknown as { scoring?: FaroutWeb.LoadedDetector };
  kept.scoring ??= await load('detector.onnx');
  const made: Made[] = [];
  for (const { base64, isScored } of given) {
    const input = await kept.scoring.prepare(new Blob([Uint8Array.from(atob(base64), (each) => each.charCodeAt(0))]));
    const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', new Uint8Array(input.pixels)));
    const hash = Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
    made.push({ hash, ...(isScored && (await kept.scoring.score(input))) });
  }
  return made;
}

async function done(words: readonly string[], data: string): Promise<void> {
  const { code, stderr } = await farout(words, { env: { FAROUT_DATA: data } });
  if (code !== 0) throw new Error(`${words.join(' ')} ended with ${code ?? 'a signal'}:\n${stderr}`);
}
