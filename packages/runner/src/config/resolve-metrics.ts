import type { MetricDefinition, SourcePlace } from '@farout/core';
import { checkDuplicates } from './check-duplicates.ts';
import type { ConfigNode } from './node.ts';
import { findPart } from './find-part.ts';
import { readPart } from './read-part.ts';
import type { PartContext } from './parts.ts';

/** The metrics of the default, when the experiment lists none; a mistake in them has the experiment's place. */
export interface DefaultMetrics {
  readonly names: readonly string[];
  readonly place: SourcePlace;
}

/** The metrics that an experiment lists, in its order; names that no plugin brings are noted. */
export function resolveMetrics(
  list: ConfigNode | undefined,
  { names, place }: DefaultMetrics,
  context: PartContext,
): MetricDefinition[] {
  checkDuplicates(list, context.mistakes);
  const written = list?.kind === 'list' ? list.items.map(readPart) : names.map((name) => ({ name, place }));
  return written.flatMap((part) => {
    const found = part && findPart('metric', part, context);
    return found ? [found.definition] : [];
  });
}
