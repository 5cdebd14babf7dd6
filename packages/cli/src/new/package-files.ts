import { readFile } from 'node:fs/promises';
import { manifest } from './manifest.ts';
import { type NewPackage, type PackageFiles, partsOf } from './new-package.ts';
import { partFiles } from './part-files.ts';
import { pluginModule } from './plugin-module.ts';
import { readme } from './templates.ts';
import { sampleFiles } from './sample-files.ts';
import { template } from './template.ts';
import { trialExperiment } from './trial-experiment.ts';

/** All files of a new package; nothing is written. */
export async function packageFiles(wanted: NewPackage): Promise<PackageFiles> {
  const parts = partsOf(wanted);
  const files: Record<string, string | Uint8Array> = {
    '.gitignore': 'node_modules/\ndist/\nruns/\n',
    'README.md': readme(wanted, parts),
    'experiment.yaml': trialExperiment(wanted, parts),
    'package.json': manifest(wanted, parts),
    [`src/index.${wanted.language}`]: pluginModule(wanted, parts),
  };
  for (const part of parts) Object.assign(files, await partFiles(part, wanted), await sampleFiles(part));
  if (wanted.language === 'js') return files;
  for (const file of ['tsconfig.json', 'tsconfig.build.json']) {
    files[file] = await readFile(template(`typescript/${file}`), 'utf8');
  }
  return files;
}
