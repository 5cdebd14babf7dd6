import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { manifestsAround, manifestsPage } from '@farout/acquire';

const root = fileURLToPath(new URL('../..', import.meta.url));
const manifests = await manifestsAround(root);
writeFileSync(new URL('../../docs/datasets.md', import.meta.url), manifestsPage([...manifests.values()]));
