/** The second wall: the generated JavaScript holds what the generator writes, and asks for what exists. */
import { PlexSpacesError, quote } from '@plexspaces/core';
import {
  ACTOR_FUNCTIONS,
  ACTOR_INTERFACE,
  HOST_FUNCTIONS,
  HOST_INTERFACE,
  isLinkedInterface,
  withoutVersion,
} from './actor-interface.ts';
import { readCodeFacts } from './code-facts.ts';
import type { CodeFacts } from './code-facts.ts';
import { expectKnownCode } from './code-rules.ts';
import { readGeneratedCode } from './generated-code.ts';
import { expectAtMost, MAX_JAVASCRIPT_CHARACTERS } from './screening-limits.ts';
import type { SurveyItem } from './survey.ts';

const HOST_KEY = withoutVersion(HOST_INTERFACE);
const HOST_NAMES: ReadonlySet<string> = new Set(HOST_FUNCTIONS);

export interface ScreenedJavascript {
  /** What to run: without the generator's debug statements. */
  readonly javascript: string;
  readonly instantiations: readonly string[];
}

/**
 * @param imports of the component, whose versions are not in the code
 * @throws INVALID_ARGUMENT with UNSAFE_NAME, FOREIGN_IMPORT or NOT_A_COMPONENT.
 */
export function screenJavascript(source: string, imports: readonly SurveyItem[]): ScreenedJavascript {
  expectAtMost(MAX_JAVASCRIPT_CHARACTERS, source.length, 'characters of generated code');
  const code = readGeneratedCode(source);
  expectKnownCode(code.program, code.nodes);
  const facts = readCodeFacts(code.nodes);
  expectDeclaredImports(facts, imports);
  expectHostFunctions(facts);
  expectActorFunctions(facts);
  return { javascript: code.javascript, instantiations: facts.instantiations };
}

/** Two readers of one component, the survey and the generator, must have seen the same imports. */
function expectDeclaredImports(facts: CodeFacts, imports: readonly SurveyItem[]): void {
  const linked = new Set(imports.filter(({ name }) => isLinkedInterface(name)).map(({ name }) => withoutVersion(name)));
  for (const name of facts.imports.keys()) if (!linked.has(name)) throw foreign(name);
}

function expectHostFunctions(facts: CodeFacts): void {
  for (const name of facts.imports.get(HOST_KEY) ?? []) {
    if (!HOST_NAMES.has(name)) throw foreign(`${HOST_INTERFACE}#${name}`);
  }
}

function expectActorFunctions(facts: CodeFacts): void {
  const found = facts.exportedFunctions(ACTOR_INTERFACE);
  const missing = ACTOR_FUNCTIONS.filter((name) => !found.includes(name));
  if (missing.length === 0) return;
  throw new PlexSpacesError(
    'INVALID_ARGUMENT',
    `not an actor: expected ${ACTOR_FUNCTIONS.join(', ')} in ${ACTOR_INTERFACE}, found no ${missing.join(', ')}`,
    { reason: 'NOT_A_COMPONENT' },
  );
}

function foreign(name: string): PlexSpacesError {
  return new PlexSpacesError(
    'INVALID_ARGUMENT',
    `expected imports of ${HOST_INTERFACE} and of WASI 0.2 only, found ${quote(name)}`,
    { reason: 'FOREIGN_IMPORT', details: { import: quote(name) } },
  );
}
