import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import type * as OnnxruntimeWeb from 'onnxruntime-web';
import { chromium } from 'playwright-core';
import { chromiumFile } from './chromium-file.ts';

/** What a detector says of an image. */
export interface Given {
  readonly score: number;
  readonly isId: boolean;
}

const contentTypes: Readonly<Record<string, string>> = { '.wasm': 'application/wasm', '.mjs': 'text/javascript' };
/** What of onnxruntime-web a page needs. */
const wanted = ['/ort.wasm.min.mjs', '/ort-wasm-simd-threaded.mjs', '/ort-wasm-simd-threaded.wasm'];

/** What exported detectors make of images, uint8 (64, 64, 3), in Chromium by onnxruntime-web: of each detector, of each image. */
export async function chromiumScores(
  models: readonly Uint8Array[],
  images: readonly Uint8Array[],
): Promise<readonly (readonly Given[])[]> {
  const dist = path.dirname(createRequire(import.meta.url).resolve('onnxruntime-web'));
  const server = createServer(({ url = '/' }, response) => {
    const model = models[Number(/^\/(\d+)\.onnx$/.exec(url)?.[1] ?? NaN)];
    response.setHeader('content-type', contentTypes[path.extname(url)] ?? 'text/html');
    response.end(model ?? (wanted.includes(url) ? readFileSync(path.join(dist, url)) : ''));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const browser = await chromium.launch({ executablePath: chromiumFile!, args: ['--no-sandbox'] });
  try {
    const page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    const pixels = images.map((each) => [...each]);
    const scores: Given[][] = [];
    for (const at of models.keys())
      scores.push(await page.evaluate(scoreInPage, { script: wanted[0]!, model: `/${at}.onnx`, pixels }));
    return scores;
  } finally {
    await browser.close();
    server.close();
  }
}

/** Runs in the page. */
async function scoreInPage({
  script,
  model,
  pixels,
}: Record<'script' | 'model', string> & { pixels: number[][] }): Promise<Given[]> {
  const ort = (await import(script)) as typeof OnnxruntimeWeb;
  ort.env.wasm.wasmPaths = '/';
  ort.env.wasm.numThreads = 1;
  const session = await ort.InferenceSession.create(model);
  const found: Given[] = [];
  for (const each of pixels) {
    const fed = new ort.Tensor('uint8', Uint8Array.from(each), [1, 64, 64, 3]);
    const { score, is_in_distribution: isId } = await session.run({ pixels: fed });
    found.push({ score: Number(score!.data[0]), isId: isId!.data[0] === 1 });
  }
  await session.release();
  return found;
}
