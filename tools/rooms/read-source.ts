import path from 'node:path';
import ts from 'typescript';

/** The statistics of a source. */
export interface Source {
  /** Relative to the folder `packages`. */
  readonly file: string;
  readonly lines: number;
  /** Whether it exports anything. */
  readonly exports: boolean;
  /** The lengths of named functions in lines: declarations, and values of constants or members. */
  readonly functions: readonly number[];
  /** Sources of the same package that it imports or re-exports. */
  readonly imports: readonly string[];
  /** Those it loads at run time, excluding type-only imports. */
  readonly loads: readonly string[];
}

export function readSource(file: string, text: string): Source {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const functions: number[] = [];
  const imports: string[] = [];
  const loads: string[] = [];
  const visit = (node: ts.Node): void => {
    if (isNamedFunction(node)) functions.push(linesOf(node, source));
    if ((ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) && node.moduleSpecifier) {
      const { text: name } = node.moduleSpecifier as ts.StringLiteral;
      const other = path.join(path.dirname(file), name);
      if (name.startsWith('.')) imports.push(other);
      if (name.startsWith('.') && !isOfTypes(node)) loads.push(other);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  const lines = text.trimEnd().split('\n').length;
  return { file, lines, exports: /^export /m.test(text), functions, imports: [...new Set(imports)], loads };
}

const isOfTypes = (node: ts.ImportDeclaration | ts.ExportDeclaration): boolean =>
  ts.isImportDeclaration(node) ? node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword : node.isTypeOnly;

const isNamedFunction = (node: ts.Node): boolean =>
  ts.isFunctionDeclaration(node) ||
  ts.isMethodDeclaration(node) ||
  ts.isConstructorDeclaration(node) ||
  ts.isAccessor(node) ||
  ((ts.isArrowFunction(node) || ts.isFunctionExpression(node)) &&
    (ts.isVariableDeclaration(node.parent) || ts.isPropertyAssignment(node.parent)));

/** From its first token to its last bracket, without comments above it. */
function linesOf(node: ts.Node, source: ts.SourceFile): number {
  const line = (at: number) => source.getLineAndCharacterOfPosition(at).line;
  return line(node.getEnd()) - line(node.getStart()) + 1;
}
