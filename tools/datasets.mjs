// `npm run datasets`: writes docs/datasets.md from the manifests in datasets and models.
import { ensureInstalled } from './ensure-installed.mjs';

ensureInstalled();
await import('./ts.mjs');
await import('./datasets/main.ts');
