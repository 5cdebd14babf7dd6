import { FaroutError } from '@farout/core';
import { parseDocument, type YAMLError } from 'yaml';
import type { ConfigNode } from './node.ts';
import { NodeBuilder } from './yaml.ts';
import type { Mistakes } from './faults.ts';
import type { SourceText } from './source-text.ts';
import type { Environment } from './substitute-variables.ts';

/**
 * Reads YAML 1.2 into nodes that know their places, variables replaced. Variables are replaced after the parsing, so that
 * their values cannot become YAML. Undefined when there is nothing but comments.
 *
 * @throws FaroutError OOD_CONFIG_SYNTAX at the first fault; those after it mostly follow from it.
 */
export function parseYaml(source: SourceText, env: Environment, mistakes: Mistakes): ConfigNode | undefined {
  const document = parseDocument(source.yaml, {
    lineCounter: source.lineCounter,
    prettyErrors: false,
    // Duplicate keys are found when nodes are built: there each has its own place.
    uniqueKeys: false,
  });
  const faults = [...document.errors, ...document.warnings];
  const fault = faults.find(({ code }) => code === 'MULTIPLE_DOCS') ?? faults[0];
  if (fault) throw syntaxError(source, fault);
  return document.contents ? new NodeBuilder(source, document, env, mistakes).build(document.contents) : undefined;
}

function syntaxError(source: SourceText, { pos, message, code }: YAMLError): FaroutError {
  const place = source.place(...pos);
  const what = code === 'RESOURCE_EXHAUSTION' ? 'nested too deeply' : message.replace(/\.$/, '');
  const several = 'several YAML documents in one text: another one begins here';
  return new FaroutError('OOD_CONFIG_SYNTAX', code === 'MULTIPLE_DOCS' ? several : `not valid YAML: ${what}`, {
    place,
    fix: fixFor(code, place.text?.split('\n')[place.line - 1] ?? ''),
  });
}

function fixFor(code: YAMLError['code'], line: string): string {
  if (/[[{,:]\s*\$\{/.test(line) && /[[{]/.test(line.replaceAll('${', ''))) {
    return 'Within { } and [ ], quote a value that has a variable: "${NAME}/folder".';
  }
  if (code === 'MULTIPLE_DOCS')
    return 'Write each experiment in a file of its own, without "---" between; one may extend another by "extends".';
  if (code === 'BAD_DQ_ESCAPE') return 'In double quotes \\ begins an escape: use single quotes, or / in a path.';
  if (code === 'RESOURCE_EXHAUSTION') return 'Write it flatter.';
  if (code === 'TAB_AS_INDENT') return 'Indent with blanks instead of tabs.';
  return 'Look at the indentation, the brackets and the quotes here and on the line above.';
}
