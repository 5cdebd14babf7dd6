import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { loadDetector, type LoadedDetector, type Verdict } from '@farout/deploy';
import { prepare } from '@farout/images';
import type * as FaroutWeb from '@farout/web';
import type { Page } from 'playwright-core';
import { axeViolations } from '../axe.ts';
import { chromiumFile } from '../chromium-file.ts';
import { Site } from './page-in-browser.ts';
import { readable, refused } from './pictures.ts';
import { hostile, sampleDetector } from './sample-detector.ts';

const data = [process.env.FAROUT_DATA, '../shared/data'].find((folder) => folder !== undefined && existsSync(folder));
const itWithData = data ? it : it.skip;
/** The folder for pictures of the page, for people who want to look at them. */
const screenshots = process.env.FAROUT_SCREENSHOTS;

/** What a browser makes of a file: the pixels that the network gets, and the verdict; or the error's code and words. */
type Made = { pixels: number[]; verdict: Verdict } | { code: string; message: string };

/** Runs in the page: decodes and scores files with the library that lies beside it. */
async function scoreInPage([model, files]: [string, Record<string, string>]): Promise<Record<string, Made>> {
  const library = './farout.js';
  const { load } = (await import(new URL(library, document.baseURI).href)) as typeof FaroutWeb;
  const detector = await load(new URL(model, document.baseURI));
  const made: Record<string, Made> = {};
  for (const [name, base64] of Object.entries(files)) {
    const blob = new Blob([Uint8Array.from(atob(base64), (each) => each.charCodeAt(0))]);
    try {
      const input = await detector.prepare(blob);
      made[name] = { pixels: [...input.pixels], verdict: await detector.score(blob) };
    } catch (error) {
      made[name] = error as { code: string; message: string };
      made[name] = { code: made[name].code, message: made[name].message };
    }
  }
  await detector.close();
  return made;
}

const base64 = (files: Readonly<Record<string, Uint8Array>>) =>
  Object.fromEntries(Object.entries(files).map(([name, bytes]) => [name, Buffer.from(bytes).toString('base64')]));

const models = { 'detector.onnx': sampleDetector('pixels'), 'float.onnx': sampleDetector('float') };

(chromiumFile ? describe : describe.skip)('in Chromium (skipped where there is none)', () => {
  let site: Site;
  let page: Page;
  let inNode: LoadedDetector;
  let files: Record<string, Uint8Array>;

  beforeAll(async () => {
    files = await readable();
    site = await Site.open({ ...models, 'usual.png': files['usual.png']! });
    page = await site.visit();
    inNode = await loadDetector(models['detector.onnx']);
  }, 240_000);
  afterAll(async () => {
    await inNode.close();
    await site.close();
  });

  async function expectAsInNode(model: string, given: Readonly<Record<string, Uint8Array>>): Promise<void> {
    const made = await page.evaluate(scoreInPage, [model, base64(given)] as [string, Record<string, string>]);
    for (const [name, bytes] of Object.entries(given)) {
      const found = made[name]!;
      if (!('pixels' in found)) throw new Error(`${name}: ${found.message}`);
      const pixels = await prepare(bytes, inNode.description.preprocessing);
      expect([name, Buffer.compare(Uint8Array.from(found.pixels), pixels)]).toEqual([name, 0]);
      const expected = await inNode.score(bytes);
      expect(Math.abs(found.verdict.score - expected.score)).toBeLessThanOrEqual(1e-5 * Math.abs(expected.score));
      expect(found.verdict).toEqual({
        ...expected,
        score: found.verdict.score,
        probability: expect.closeTo(expected.probability, 5) as unknown,
      });
    }
  }

  it('files become the pixels and the scores that they become in Node', async () => {
    await expectAsInNode('detector.onnx', files);
  });

  it('files that take normalised images score the same', async () => {
    await expectAsInNode('float.onnx', { 'usual.jpg': files['usual.jpg']! });
  });

  itWithData('photographs do too (needs the reference data)', async () => {
    const folder = path.join(data!, 'images', 'flowers');
    const photographs = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) =>
      /\.jpe?g$/i.test(file),
    );
    const some = photographs.sort().slice(0, 8);
    await expectAsInNode(
      'detector.onnx',
      Object.fromEntries(some.map((file) => [file, readFileSync(path.join(folder, file))])),
    );
  });

  it('what a browser decodes to other pixels is refused with a reason, never scored', async () => {
    const given = await refused();
    const bytes = Object.fromEntries(Object.entries(given).map(([name, [content]]) => [name, content]));
    const made = await page.evaluate(scoreInPage, ['detector.onnx', base64(bytes)] as [string, Record<string, string>]);
    const expected = Object.entries(given).map(([name, [, why]]) => [
      name,
      { code: 'OOD_IMAGE_UNREADABLE', message: expect.stringContaining(why) },
    ]);
    expect(made).toEqual(Object.fromEntries(expected));
  });

  it('addresses, canvases, decoded images and arrays of pixels score as their file does', async () => {
    const scores = await page.evaluate(async () => {
      const library = './farout.js';
      const { load } = (await import(new URL(library, document.baseURI).href)) as typeof FaroutWeb;
      const detector = await load(await (await fetch('detector.onnx')).blob());
      const address = new URL('usual.png', document.baseURI);
      const bitmap = await createImageBitmap(await (await fetch(address)).blob());
      const { width, height } = bitmap;
      const canvas = new OffscreenCanvas(width, height);
      const context = canvas.getContext('2d')!;
      context.drawImage(bitmap, 0, 0);
      const image = context.getImageData(0, 0, width, height);
      const rgb = image.data.filter((_, at) => at % 4 !== 3);
      const pixels = { data: new Uint8Array(rgb), shape: [height, width, 3] as const };
      const verdicts = await Promise.all([address, bitmap, canvas, image, pixels].map((each) => detector.score(each)));
      return verdicts.map(({ score }) => score);
    });
    const { score } = await inNode.score(files['usual.png']!);
    for (const found of scores) expect(found).toBeCloseTo(score, 5);
  });

  it('a file that is no detector and one that is not there are errors with their codes', async () => {
    const codes = await page.evaluate(async () => {
      const library = './farout.js';
      const { load, readDescription } = (await import(new URL(library, document.baseURI).href)) as typeof FaroutWeb;
      const code = (error: unknown) => (error as FaroutWeb.FaroutError).code;
      const blob = await (await fetch('detector.onnx')).blob();
      return [
        await load('usual.png').catch(code),
        await load('gone.onnx').catch(code),
        await load(new Uint8Array(0)).catch(code),
        (await readDescription(blob)).input.kind,
      ];
    });
    expect(codes).toEqual(['OOD_DETECTOR_FILE_INVALID', 'OOD_MISSING_FILE', 'OOD_DETECTOR_FILE_INVALID', 'pixels']);
    site.complaints.splice(0);
  });

  it('this browser decodes JPEG to the pixels of the run, and says so', async () => {
    const isExact = await page.evaluate(async () => {
      const library = './farout.js';
      const { decodesExactly } = (await import(new URL(library, document.baseURI).href)) as typeof FaroutWeb;
      return decodesExactly();
    });
    expect(isExact).toBe(true);
    expect(await page.locator('#state').isHidden()).toBe(true);
  });

  it('the page can be used by the keyboard alone', async () => {
    await page.keyboard.press('Tab');
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('file');
    await site.choose(page, { 'a.jpg': files['usual.jpg']!, 'b.png': files['usual.png']! });
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    expect(await page.locator('#name').textContent()).toBe('a.jpg');
    expect(await page.locator('#shelf [aria-pressed=true] .name').textContent()).toBe('a.jpg');
  });

  it.each([
    [1400, 'light'],
    [390, 'dark'],
  ] as const)(
    'the page at %i pixels, %s: fits, says what Node says, shows names as text, keeps its policy; axe finds nothing',
    async (width, colorScheme) => {
      await page.setViewportSize({ width, height: 900 });
      await page.emulateMedia({ colorScheme });
      await page.context().setOffline(true);
      await site.choose(page, { 'no image.txt': Buffer.from('text'), [`${hostile}.jpg`]: files['usual.jpg']! });
      const expected = await inNode.score(files['usual.jpg']!);
      expect(await page.locator('#answer').innerText()).toBe(
        expected.isInDistribution ? 'In distribution' : 'Out of distribution',
      );
      expect(Number((await page.locator('#score').innerText()).replace('−', '-'))).toBeCloseTo(expected.score, 3);
      expect(await page.locator('#class').textContent()).toBe(expected.label);
      expect(await page.locator('h1').textContent()).toBe(`Sample ${hostile}`);
      expect(await page.locator('#shelf .name').first().textContent()).toBe(`${hostile}.jpg`);
      expect(await page.locator('#shelf li:nth-child(2) .said.failed').count()).toBe(1);
      expect(await page.locator('#bold').count()).toBe(0);
      await page.locator('#about').evaluate((about) => about.setAttribute('open', ''));
      expect(await page.locator('#results tbody th').textContent()).toBe(hostile);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
      if (screenshots) {
        mkdirSync(screenshots, { recursive: true });
        await page.screenshot({ path: path.join(screenshots, `page-${width}-${colorScheme}.png`), fullPage: true });
      }
      expect(site.complaints).toEqual([]);
      expect(site.asked.filter((url) => !url.startsWith(site.origin) && !url.startsWith('blob:'))).toEqual([]);
      const violations = await axeViolations(page);
      expect(violations).toEqual([]);
    },
  );

  it('no script but its own runs in the page, and it reaches no other server', async () => {
    await page.context().setOffline(false);
    const blocked = await page.evaluate(async () => {
      const heard = new Set<string>();
      const both = new Promise<void>((done) => {
        addEventListener('securitypolicyviolation', ({ effectiveDirective, blockedURI }) => {
          if (heard.add(`${effectiveDirective} ${blockedURI}`).size === 2) done();
        });
      });
      const script = document.createElement('script');
      script.append('document.title = "ran"');
      document.body.append(script);
      // What is evaluated by the test itself may do so; what runs later may not.
      await new Promise((later) => setTimeout(later));
      const evaluated = ((): unknown => {
        try {
          return (0, eval)('1');
        } catch {
          return 'refused';
        }
      })();
      const fetched = await fetch('http://127.0.0.1:1/').catch(() => 'refused');
      await Promise.race([both, new Promise((later) => setTimeout(later, 5000))]);
      return { title: document.title, evaluated, fetched, heard: [...heard].sort() };
    });
    expect(blocked).toEqual({
      title: `Sample ${hostile} – farout`,
      evaluated: 'refused',
      fetched: 'refused',
      heard: ['connect-src http://127.0.0.1:1/', 'require-trusted-types-for trusted-types-sink'],
    });
  });
});
