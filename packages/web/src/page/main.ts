/// <reference lib="dom" />
import { FaroutError, load, type LoadedDetector, type NetworkInput } from '../index.ts';
import type { Verdict } from '@farout/verdict';
import { showAbout } from './about.ts';
import { histogram } from './chart.ts';
import { startChooser } from './chooser.ts';
import { byId, countText, percent, pText, say, scoreText } from './elements.ts';
import { Shelf, type Photograph } from './shelf.ts';
import { answerOf, becauseOf, classOf, promiseOf, readingOf, thresholdOf } from './words.ts';

/** The detector file next to the page. */
const file = 'detector.onnx';

start().catch((error: unknown) => state(`The detector cannot be used: ${reasonOf(error)}`, 'failed'));

async function start(): Promise<void> {
  let bytes = 0;
  const progress = byId('progress') as HTMLProgressElement;
  state('Loading the detector…');
  progress.hidden = false;
  const detector = await load(file, {
    wasm: new URL('ort-wasm-simd-threaded.wasm', import.meta.url).href,
    progress: (loaded, total) => {
      bytes = loaded;
      if (total !== undefined) progress.value = loaded / total;
    },
  });
  progress.hidden = true;
  introduce(detector, bytes);
  const shelf = new Shelf((photograph) => show(photograph, detector));
  let last: Promise<void> = Promise.resolve();
  startChooser((files) => {
    for (const each of files) last = last.then(async () => shelf.add(await scored(each, detector)));
  });
}

function introduce({ description, isExact }: LoadedDetector, bytes: number): void {
  document.title = `${description.detector} – farout`;
  say('detector', description.detector);
  say('promise', promiseOf(description));
  if (isExact) byId('state').hidden = true;
  else state('This browser decodes JPEG to slightly different pixels than the run: scores may differ slightly.');
  drawChart = () => chart(description);
  drawChart();
  showAbout(description, bytes);
  new ResizeObserver(() => drawChart()).observe(byId('chart'));
}

async function scored(photograph: File, detector: LoadedDetector): Promise<Photograph> {
  busy(photograph.name);
  await painted();
  const address = URL.createObjectURL(photograph);
  const { name } = photograph;
  try {
    const seen = await detector.prepare(photograph);
    return { name, address, outcome: { seen, verdict: await detector.score(seen) } };
  } catch (error) {
    return { name, address, outcome: { failure: reasonOf(error) } };
  }
}

const reasonOf = (error: unknown): string => {
  const { message } = error as Error;
  const fix = error instanceof FaroutError ? error.fix : undefined;
  return fix === undefined ? message : `${message}. ${fix}`;
};

function state(text: string, kind = ''): void {
  byId('state').hidden = false;
  byId('state').className = `state ${kind}`;
  byId('progress').hidden = true;
  say('state', text);
}

function busy(name: string): void {
  byId('verdict').className = 'verdict';
  say('answer', 'Scoring…');
  say('because', name);
}

/** Resolves after the next paint: the page freezes while the graph runs, so its text must be painted first. */
const painted = () => new Promise<void>((done) => requestAnimationFrame(() => setTimeout(done)));

/** Redraws the histogram when its width or content changes. */
let drawChart = (): void => undefined;

function show({ name, address, outcome }: Photograph, { description }: LoadedDetector): void {
  const isScored = 'verdict' in outcome;
  byId('facts').hidden = byId('reading').hidden = byId('pictures').hidden = !isScored;
  if (!isScored) {
    byId('verdict').className = 'verdict failed';
    say('answer', 'Not scored');
    say('because', `${name}: ${outcome.failure}`);
    drawChart = () => chart(description);
  } else {
    const { verdict, seen } = outcome;
    showVerdict(verdict, thresholdOf(description, verdict));
    say('name', name);
    (byId('picture') as HTMLImageElement).src = address;
    showSeen(seen);
    drawChart = () => chart(description, verdict);
  }
  drawChart();
}

function showVerdict(verdict: Verdict, threshold: number): void {
  byId('verdict').className = `verdict ${verdict.isInDistribution ? 'id' : 'ood'}`;
  say('answer', answerOf(verdict));
  say('because', becauseOf(verdict, threshold));
  say('class', classOf(verdict));
  say('probability', percent(verdict.probability));
  say('score', scoreText(verdict.score));
  say('p', pText(verdict.p));
  say('lower', percent(verdict.lower));
  say('reading', readingOf(verdict));
}

/** Shows the pixels that the network gets. */
function showSeen({ pixels, size }: NetworkInput): void {
  const canvas = byId('seen') as HTMLCanvasElement;
  canvas.width = canvas.height = size;
  canvas.className = size < 128 ? 'small' : '';
  const image = new ImageData(size, size);
  for (let from = 0, to = 0; from < pixels.length; from += 3, to += 4) {
    image.data.set(pixels.subarray(from, from + 3), to);
    image.data[to + 3] = 255;
  }
  canvas.getContext('2d')!.putImageData(image, 0, 0);
}

function chart(description: LoadedDetector['description'], verdict?: Verdict): void {
  byId('figure').hidden = false;
  say('chart-title', `Scores of ${countText(description.idScores.count)} ID images`);
  const { idScores } = description;
  const standing = { idScores, threshold: thresholdOf(description, verdict), image: verdict };
  byId('chart').replaceChildren(histogram(standing, Math.max(240, byId('chart').clientWidth)));
}
