import { backbones } from '@oodkit/backbones';
import { datasets } from '@oodkit/datasets';
import { demo } from '@oodkit/demo';
import { hooks } from '@oodkit/hooks';
import { metrics } from '@oodkit/metrics';
import type { BuiltIn } from '@oodkit/runner';
import { scorers } from '@oodkit/scorers';
import { versionOf } from './version.ts';

/** The plugins that every experiment may use: the only list of them. */
export const builtIns: readonly BuiltIn[] = [backbones, hooks, scorers, datasets, metrics, demo].map((plugin) => ({
  plugin,
  version: versionOf(plugin.name),
}));
