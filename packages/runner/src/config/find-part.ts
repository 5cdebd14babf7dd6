import { didYouMean, type ErrorCode } from '@farout/core';
import type { Catalogue, CatalogueEntry, NamedKind } from '../plugins/catalogue.ts';
import type { Mistakes } from './faults.ts';
import type { WrittenPart } from './read-part.ts';

/** What a mistaken name of each kind is reported as. */
const kinds = {
  backbone: { code: 'OOD_UNKNOWN_BACKBONE', title: 'Backbones here', one: 'backbone' },
  hook: { code: 'OOD_UNKNOWN_HOOK', title: 'Hooks here', one: 'hook' },
  scorer: { code: 'OOD_UNKNOWN_SCORER', title: 'Scorers here', one: 'scorer' },
  dataset: { code: 'OOD_UNKNOWN_DATASET', title: 'Kinds of datasets here', one: 'kind of dataset' },
  metric: { code: 'OOD_UNKNOWN_METRIC', title: 'Metrics here', one: 'metric' },
} as const satisfies Record<NamedKind, { code: ErrorCode; title: string; one: string }>;

/** Looks a part up by its name; when there is none, that is noted together with the names there are. */
export function findPart<K extends NamedKind>(
  kind: K,
  { name, place }: Pick<WrittenPart, 'name' | 'place'>,
  { catalogue, mistakes }: { readonly catalogue: Catalogue; readonly mistakes: Mistakes },
): CatalogueEntry<K> | undefined {
  const found = catalogue.find(kind, name);
  if (found) return found;
  const { code, title, one } = kinds[kind];
  const names = catalogue.names(kind);
  const choices = { title, names };
  if (kind === 'scorer' && catalogue.find('hook', name)) {
    const fix = `Put a scorer after it: [${name}, ${names[0] ?? 'a scorer'}].`;
    mistakes.add('OOD_WRONG_ROLE', place, `"${name}" is a hook, but a detector ends with a scorer`, { fix, choices });
  } else if (kind === 'hook' && catalogue.find('scorer', name)) {
    const fix = 'Put it last, or make a detector of its own of it.';
    mistakes.add('OOD_WRONG_ROLE', place, `"${name}" is a scorer, but only hooks stand before the last part`, {
      fix,
      choices,
    });
  } else {
    const fix =
      didYouMean(name, names) ?? 'Take one of those that are here, or name the plugin that brings it in "plugins".';
    mistakes.add(code, place, `unknown ${one} "${name}"`, { fix, choices });
  }
  return undefined;
}
