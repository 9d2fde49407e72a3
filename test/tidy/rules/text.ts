/** Rules about one file's name or text. */
import type { Findings, SourceFile } from '../tree.ts';

const MAX_LINES = 400;
const SOURCE = /\.(?:ts|js|mjs|py|rs|sh|proto|wit)$/;
const GENERATED = /^(?:packages\/proto\/gen\/|sdk\/rust\/src\/bindings\.rs$)/;
const TYPESCRIPT = /^(?:packages|test|bench|scripts)\/.+\.ts$/;
const KEBAB_NAME = /(?:^|\/)[a-z\d]+(?:-[a-z\d]+)*(?:\.(?:test|bench|d))?\.ts$/;
const CONFIG = /(?:^|\/)[\w.-]+\.config\.ts$/;
const DEFAULT_EXPORT = /^export default\b|^export \{[^}]*\bas default\b/m;
// With brackets, so that the rule does not find itself.
const UNFINISHED = /\b(?:TO[D]O|FIX[M]E)\b/;
// A path is absolute where nothing that belongs to a longer path or an address stands before it.
const MACHINE_PATH = /(?<![\w.@~*)\]}-])\/(?:work|home|root|Users)\/\w/;

export function noLongFiles(files: readonly SourceFile[]): Findings {
  return sources(files).flatMap(({ path, text }) => {
    const lines = text.split('\n').length - 1;
    return lines > MAX_LINES
      ? [`${path} has ${lines} lines, more than ${MAX_LINES}: split it where the idea splits`]
      : [];
  });
}

export function namesAreKebab(files: readonly SourceFile[]): Findings {
  const judged = sources(files).filter(({ path }) => TYPESCRIPT.test(path) && !KEBAB_NAME.test(path));
  return judged.map(({ path }) => `${path} is not named in kebab-case`);
}

export function noDefaultExports(files: readonly SourceFile[]): Findings {
  const judged = sources(files).filter(({ path }) => path.endsWith('.ts') && !CONFIG.test(path));
  return judged.filter(({ text }) => DEFAULT_EXPORT.test(text)).map(({ path }) => `${path} has a default export`);
}

export function nothingUnfinished(files: readonly SourceFile[]): Findings {
  return linesMatching(files, UNFINISHED, 'notes something unfinished');
}

export function noMachinePaths(files: readonly SourceFile[]): Findings {
  return linesMatching(files, MACHINE_PATH, 'names a path of one machine');
}

function sources(files: readonly SourceFile[]): readonly SourceFile[] {
  return files.filter(({ path }) => SOURCE.test(path) && !GENERATED.test(path));
}

function linesMatching(files: readonly SourceFile[], pattern: RegExp, what: string): Findings {
  const judged = files.filter(({ path }) => !GENERATED.test(path));
  return judged.flatMap(({ path, text }) =>
    text.split('\n').flatMap((line, index) => (pattern.test(line) ? [`${path}:${index + 1} ${what}`] : [])),
  );
}
