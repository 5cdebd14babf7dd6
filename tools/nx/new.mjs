// The generator behind `npx nx g ./tools/nx/generators.json:new`. Nx requires it as plain JavaScript; what it does is
// TypeScript, which runs from its sources here.
import '../ts.mjs';

export default async function (tree, options) {
  const { newInTree } = await import('./new-in-tree.ts');
  await newInTree(tree, options);
}
