import type { NewPackage, NewPart } from './new-package.ts';

/** The module that a package exports: its parts as one plugin. */
export function pluginModule({ name, language }: NewPackage, parts: readonly NewPart[]): string {
  const imports = parts.map((part) => `import { ${part.kind} } from './${part.name}.${language}';`);
  const members = parts.map(({ kind }) => `  ${kind}s: [${kind}],`);
  return `import { definePlugin } from '@farout/core';
${imports.join('\n')}

/** What this package brings to farout. */
export default definePlugin({
  name: '${name}',
${members.join('\n')}
});
`;
}
