/** What a caller is told of something thrown: its type, its message, and the author's line that it came from. */
import { ActorError } from './actor-error.ts';
import { HostError } from './host.ts';
import { SourceMap } from './source-map.ts';
import type { BundleMap } from './source-map.ts';
import { NotJsonError } from './values.ts';

interface Frame {
  readonly function: string;
  readonly line: number;
  readonly column: number;
}

const FRAME = /^\s*at (?:(.*?) \()?[^()]*?:(\d+):(\d+)\)?$/;
const NAMELESS = /^(?:<anonymous>|<eval>)?$/;

let map: SourceMap | undefined;

export function useSourceMap(found: BundleMap): void {
  map = new SourceMap(found);
}

/** Whether it is an answer and no fault: the text goes to the caller as it is, and no stack is logged. */
export function isAnswer(error: unknown): error is Error {
  return error instanceof ActorError || error instanceof NotJsonError || error instanceof HostError;
}

/** `TypeError: message (calculator.ts:12 in add)`. */
export function describeFailure(error: unknown): string {
  const text = describeThrown(error);
  const place = placeOf(error);
  return place === undefined ? text : `${text} (${place})`;
}

/** The message and the stack, in the author's files where they are known. */
export function traceFailure(error: unknown): string {
  const lines = framesOf(error).map((frame) => {
    const place = map?.find(frame.line, frame.column);
    const where = place === undefined ? `${frame.line}:${frame.column} of the bundle` : `${place.file}:${place.line}`;
    return `    at ${NAMELESS.test(frame.function) ? where : `${frame.function} (${where})`}`;
  });
  return [describeThrown(error), ...lines].join('\n');
}

function describeThrown(error: unknown): string {
  if (error instanceof Error) return error.message === '' ? error.name : `${error.name}: ${error.message}`;
  if (typeof error === 'string') return error;
  return `thrown: ${JSON.stringify(error) ?? String(error)}`;
}

/** The innermost frame in the author's own files. */
function placeOf(error: unknown): string | undefined {
  for (const frame of framesOf(error)) {
    const place = map?.find(frame.line, frame.column);
    if (place?.isOwn !== true) continue;
    return `${place.file}:${place.line}${NAMELESS.test(frame.function) ? '' : ` in ${frame.function}`}`;
  }
  return undefined;
}

function framesOf(error: unknown): Frame[] {
  if (!(error instanceof Error) || typeof error.stack !== 'string') return [];
  return error.stack.split('\n').flatMap((text) => {
    const [, name = '', line, column] = FRAME.exec(text) ?? [];
    return line === undefined ? [] : [{ function: name, line: Number(line), column: Number(column) }];
  });
}
