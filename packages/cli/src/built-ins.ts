import { fileURLToPath } from 'node:url';
import { backbones } from '@farout/backbones';
import { datasets } from '@farout/datasets';
import { demo } from '@farout/demo';
import { hooks } from '@farout/hooks';
import { metrics } from '@farout/metrics';
import { reporters } from '@farout/report';
import { codeOfModule, type BuiltIn } from '@farout/runner';
import { storages } from '@farout/s3';
import { scorers } from '@farout/scorers';
import { versionOf } from './invocation.ts';

/** The plugins available to every experiment. This is the only list of them. */
export const builtIns: readonly BuiltIn[] = [
  backbones,
  hooks,
  scorers,
  datasets,
  metrics,
  reporters,
  storages,
  demo,
].map((plugin) => ({
  plugin,
  version: versionOf(plugin.name),
  module: import.meta.resolve(plugin.name),
  code: () => codeOfModule(fileURLToPath(import.meta.resolve(plugin.name))),
}));
