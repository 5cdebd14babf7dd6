import { readFile } from 'node:fs/promises';
import type { NewPackage, NewPart, PackageFiles } from './new-package.ts';
import { template } from './template.ts';
import { toJavaScript } from './to-java-script.ts';

/** The source and the test of a part: its kind's template, called by the part's name. */
export async function partFiles({ kind, name }: NewPart, { language }: NewPackage): Promise<PackageFiles> {
  const written = async (file: string) => {
    const text = await readFile(template(`${kind}/${file}`), 'utf8');
    const named = text.replaceAll(`my-${kind}`, name);
    return language === 'ts' ? named : toJavaScript(named);
  };
  return {
    [`src/${name}.${language}`]: await written(`src/my-${kind}.ts`),
    [`tests/${name}.test.${language}`]: await written(`tests/my-${kind}.test.ts`),
  };
}
