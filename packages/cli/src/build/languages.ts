/** The table of the languages that actors are built from; a source belongs to the first that knows it. */
import type { Language } from './language.ts';
import { PYTHON } from './python/python.ts';
import { RUST } from './rust/rust.ts';
import { TYPESCRIPT } from './typescript/typescript.ts';

export const LANGUAGES: readonly Language[] = [PYTHON, RUST, TYPESCRIPT];

/** `a .py file, a Cargo package or …`, for messages. */
export function describeSources(): string {
  return LANGUAGES.map(({ sources }) => sources).join(', ');
}
