/**
 * What componentize-qjs wrote when it failed, as an error that tells the author what to mend.
 *
 * Its output is a chain of what failed, the text of what the module threw, and the engine's stack with places in the
 * bundle.
 */
import { SourceMap } from 'node:module';
import { basename } from 'node:path';
import { PlexSpacesError } from '@plexspaces/core';
import type { Source } from '../language.ts';
import type { Bundle } from './bundle.ts';

export interface Failure {
  readonly error: PlexSpacesError;
  /** The engine's words, with places in the author's files. */
  readonly lines: readonly string[];
}

const THROWN = /Failed to (?:finish|evaluate|declare)[^:]*: Error: ([\s\S]*)$/;
const PLACE = /([^\s()]+:\d+)\)?$/;
const FRAME = /^(\s+at (?:[^()]* \()?)[^()]*?:(\d+):(\d+)(\)?)$/;

export function explainFailure(output: string, source: Source, bundle: Bundle): Failure {
  const file = basename(source.path);
  const thrown = lastMatch(output);
  if (thrown === undefined) {
    const said = output.trim().split('\n').slice(-3).join(' ').slice(0, 500) || 'it said nothing';
    return { error: new PlexSpacesError('INTERNAL', `componentize-qjs failed on ${file}: ${said}`), lines: [said] };
  }
  const lines = thrown
    .trimEnd()
    .split('\n')
    .map((line) => withPlace(line, bundle));
  const message = lines.filter((line) => !isFrame(line)).join(' ');
  const places = lines.filter(isFrame).flatMap((line) => PLACE.exec(line)?.[1] ?? []);
  const place = places.find((found) => bundle.own.includes(found.slice(0, found.lastIndexOf(':'))));
  const where = place === undefined ? '' : ` (${place})`;
  return { error: new PlexSpacesError('INVALID_ARGUMENT', `cannot build ${file}: ${message}${where}`), lines };
}

function isFrame(line: string): boolean {
  return line.trimStart().startsWith('at ');
}

/** The innermost of the chain. */
function lastMatch(output: string): string | undefined {
  let text: string | undefined;
  for (let found = THROWN.exec(output); found !== null; found = THROWN.exec(text)) text = found[1] ?? '';
  return text;
}

function withPlace(line: string, { map }: Bundle): string {
  const [, before, lineNumber, column, after] = FRAME.exec(line) ?? [];
  if (before === undefined) return line;
  const payload = { ...map, file: '', sourceRoot: '', sourcesContent: [], sources: [...map.sources], names: [] };
  const origin = new SourceMap(payload).findOrigin(Number(lineNumber), Number(column));
  return 'fileName' in origin ? `${before}${origin.fileName}:${origin.lineNumber}${after ?? ''}` : line;
}
