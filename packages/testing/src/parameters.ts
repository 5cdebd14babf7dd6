import type { HookDefinition, Learnt } from '@farout/core';
import type { NDArray } from '@farout/tensor';
import { fitRows } from './fit-rows.ts';
import type { Sample } from './sample.ts';

/** What has parameters: all parts but metrics. */
export type Parameterised = Pick<HookDefinition, 'name' | 'params'>;

/** What scorers and hooks have in common. */
export type PartDefinition = Pick<HookDefinition, 'name' | 'params' | 'fit'>;

/** Parameters after the schema: checked, with defaults. */
export type Parameters = Readonly<Record<string, unknown>>;

/** A part with the parameters that it is tested with. */
export interface Configured {
  readonly definition: Parameterised;
  readonly params: Parameters;
}

/** A scorer or a hook under test, with the parameters it is tested with. */
export interface Subject extends Configured {
  readonly definition: PartDefinition;
  /** What it makes of a sample: a scorer's scores (N), or the logits (N, K) of a network with the hook. */
  readonly compute: (sample: Sample, learnt: Learnt) => Promise<NDArray>;
}

/** What the part learns from a sample that comes in batches of `batchSize` images; {} when there is nothing to learn. */
export async function learn({ definition, params }: Subject, sample: Sample, batchSize = 5): Promise<Learnt> {
  const fit = definition.fit?.(params);
  return fit ? fit.learn(fitRows(sample, fit.reads, batchSize), params) : {};
}

/** Parameters as an experiment gives them: an unknown one is refused, defaults are filled in. */
export const parseParameters = ({ params }: Parameterised, given: Parameters) => params.strict().safeParse(given);

/** The parameters for the general checks: the defaults, or else those of the first case that the schema takes. */
export function usualParameters(definition: Parameterised, cases: readonly { params?: Parameters }[]): Parameters {
  const given = [{}, ...cases.map(({ params }) => params ?? {})];
  return given.map((params) => parseParameters(definition, params)).find(({ success }) => success)?.data ?? {};
}
