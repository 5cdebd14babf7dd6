import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { manifestsAround, manifestsOf, manifestsPage, readManifest } from '@farout/acquire';

const root = fileURLToPath(new URL('../..', import.meta.url));
const ofBackbones = await manifestsOf(fileURLToPath(new URL('../../packages/backbones', import.meta.url)), root);
const weights = (await Promise.all(ofBackbones.map(readManifest))).filter((manifest) => manifest !== undefined);
const manifests = [...(await manifestsAround(root)).values(), ...weights];
writeFileSync(new URL('../../docs/datasets.md', import.meta.url), manifestsPage(manifests));
