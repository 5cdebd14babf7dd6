// The generator behind `npx nx g ./tools/nx/generators.json:new`. Nx requires plain JavaScript; this file loads the
// TypeScript sources.
import '../ts.mjs';

export default async function (tree, options) {
  const { newInTree } = await import('./new-in-tree.ts');
  await newInTree(tree, options);
}
