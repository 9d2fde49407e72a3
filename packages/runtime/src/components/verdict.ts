/** What the transpiling process says on its standard output: one JSON document, read without trust. */
import { PlexSpacesError } from '@plexspaces/core';
import type { ErrorReason } from '@plexspaces/core';

export interface Transpiled {
  readonly tag: 'transpiled';
  /** Names of files in the output directory; a plain core module has no JavaScript. */
  readonly javascript: string | undefined;
  readonly coreModules: readonly string[];
  /** As the component writes them, with their versions. */
  readonly imports: readonly string[];
  readonly exports: readonly string[];
}

export interface Refused {
  readonly tag: 'refused';
  readonly code: RefusalCode;
  readonly reason: ErrorReason | undefined;
  readonly message: string;
}

export type Verdict = Transpiled | Refused;
export type RefusalCode = 'INVALID_ARGUMENT' | 'RESOURCE_EXHAUSTED' | 'INTERNAL';

const REASONS = ['NOT_A_COMPONENT', 'FOREIGN_IMPORT', 'UNSAFE_NAME', 'MEMORY_LIMIT'] as const satisfies ErrorReason[];
const CODES = ['INVALID_ARGUMENT', 'RESOURCE_EXHAUSTED'] as const satisfies RefusalCode[];
const FILE_NAME = /^component(\.core\d{0,6})?\.(js|wasm)$/;
const MAX_MESSAGE_LENGTH = 1_000;

/** Any error of the process's work as a refusal; a code that has no business there becomes INTERNAL. */
export function refusalOf(thrown: unknown): Refused {
  const error = PlexSpacesError.from(thrown);
  return {
    tag: 'refused',
    code: CODES.find((code) => code === error.code) ?? 'INTERNAL',
    reason: REASONS.find((reason) => reason === error.reason),
    message: error.message.slice(0, MAX_MESSAGE_LENGTH),
  };
}

export function errorOf(refusal: Refused): PlexSpacesError {
  return new PlexSpacesError(refusal.code, refusal.message, refusal.reason ? { reason: refusal.reason } : {});
}

/** @throws INTERNAL unless the text is a verdict. */
export function parseVerdict(text: string): Verdict {
  const value = parseJson(text);
  if (value['tag'] === 'refused') {
    return {
      tag: 'refused',
      code: CODES.find((code) => code === value['code']) ?? 'INTERNAL',
      reason: REASONS.find((reason) => reason === value['reason']),
      message: typeof value['message'] === 'string' ? value['message'].slice(0, MAX_MESSAGE_LENGTH) : 'no message',
    };
  }
  if (value['tag'] !== 'transpiled') throw noVerdict();
  return {
    tag: 'transpiled',
    javascript: value['javascript'] === undefined ? undefined : fileNames([value['javascript']])[0],
    coreModules: fileNames(value['coreModules']),
    imports: strings(value['imports']),
    exports: strings(value['exports']),
  };
}

function parseJson(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return { ...value };
  } catch (error) {
    throw noVerdict(error);
  }
  throw noVerdict();
}

function fileNames(value: unknown): string[] {
  return strings(value).map((name) => {
    if (!FILE_NAME.test(name)) throw noVerdict();
    return name;
  });
}

function strings(value: unknown): string[] {
  if (!Array.isArray(value)) throw noVerdict();
  return value.map((item: unknown) => {
    if (typeof item !== 'string') throw noVerdict();
    return item;
  });
}

function noVerdict(cause?: unknown): PlexSpacesError {
  return new PlexSpacesError('INTERNAL', 'the transpiling process ended without an answer', { cause });
}
