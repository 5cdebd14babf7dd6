import type { Check } from './check.ts';
import { endToEnd, secondRun, type Workplace } from './end-to-end.ts';
import { features } from './features.ts';
import { gradient, gradientThroughReact } from './gradient.ts';
import { killed } from './killed.ts';
import { metrics } from './metrics.ts';
import type { Model } from './models.ts';
import { odin } from './odin.ts';
import { webgpu } from './webgpu.ts';

type Part = (model: Model, place: Workplace) => Check[] | Promise<Check[]>;

/** The comparisons for each network, in this order; `npm run fidelity -- <names>` runs only the named ones. */
export const parts: Readonly<Record<string, Part>> = {
  features: (model, { data }) => features(data, model),
  metrics: (model, { data }) => metrics(data, model),
  gradient: async (model, { data }) => [...(await gradient(data, model)), ...(await gradientThroughReact(data, model))],
  runs: async (model, place) => [...(await endToEnd(model, place)), ...(await secondRun(model, place))],
  odin,
  // MobileNet-v2 is fast, so ten kills take only minutes.
  killed: (model, place) => (model.name === 'mobilenet-v2' ? killed(model, place) : []),
  webgpu: (model, { data }) => webgpu(data, model),
};
