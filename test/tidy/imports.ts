/**
 * Which files and packages a source file names. Found with patterns, not a parser: what is looked for is written
 * on one line in one way once the formatter has been over it.
 */
import { posix } from 'node:path';

const FROM = /^\s*(?:import|export)\b[^'"`;]*?\bfrom\s*['"]([^'"\n]+)['"]/gm;
const BARE = /^\s*import\s*['"]([^'"\n]+)['"]/gm;
const CALL = /\b(?:import|import\.meta\.resolve|require)\(\s*['"]([^'"\n]+)['"]/g;
const RELATIVE_LITERAL = /['"`](\.{1,2}\/[^'"`\n]+\.[jt]s)['"`]/g;

/** Module specifiers of static and dynamic imports, re-exports and `import.meta.resolve`. */
export function importsOf(text: string): string[] {
  const code = withoutComments(text);
  return [FROM, BARE, CALL].flatMap((pattern) => captures(pattern, code));
}

/** Also files named in any other way, as in `new URL('./thread.ts', import.meta.url)`. */
export function filesNamedBy(path: string, text: string): string[] {
  const literals = captures(RELATIVE_LITERAL, withoutComments(text));
  return literals.map((specifier) => resolveRelative(path, specifier));
}

export function isRelative(specifier: string): boolean {
  return specifier.startsWith('./') || specifier.startsWith('../');
}

export function resolveRelative(path: string, specifier: string): string {
  return posix.join(posix.dirname(path), specifier);
}

/** `@scope/name` or `name` of a bare specifier. */
export function packageOf(specifier: string): string {
  const parts = specifier.split('/');
  return parts.slice(0, specifier.startsWith('@') ? 2 : 1).join('/');
}

/** Block comments that open a line and whole-line comments; one behind code never holds an import. */
function withoutComments(text: string): string {
  return text.replaceAll(/^\s*\/\*[\s\S]*?\*\//gm, '').replaceAll(/^\s*\/\/.*$/gm, '');
}

function captures(pattern: RegExp, text: string): string[] {
  return [...text.matchAll(pattern)].flatMap((match) => (match[1] === undefined ? [] : [match[1]]));
}
