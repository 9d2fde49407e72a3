/** The first wall: a component's interfaces, names and numbers, as its binary states them. */
import { PlexSpacesError, quote } from '@plexspaces/core';
import { ACTOR_INTERFACE, HOST_INTERFACE, isLinkedInterface } from './actor-interface.ts';
import { expectSafeName } from './safe-name.ts';
import * as limits from './screening-limits.ts';
import type { Survey } from './survey.ts';

/** @throws INVALID_ARGUMENT with NOT_A_COMPONENT, FOREIGN_IMPORT or UNSAFE_NAME; RESOURCE_EXHAUSTED over a limit. */
export function screenComponent(survey: Survey): void {
  limits.expectAtMost(limits.MAX_CORE_MODULES, survey.coreModules, 'core modules');
  limits.expectAtMost(limits.MAX_CORE_INSTANCES, survey.coreInstances, 'core instances');
  limits.expectAtMost(limits.MAX_COMPONENTS, survey.components, 'nested components');
  limits.expectAtMost(limits.MAX_INSTANCES, survey.instances, 'instances');
  limits.expectAtMost(limits.MAX_INTERFACES, survey.imports.length + survey.exports.length, 'imports and exports');
  limits.expectAtMost(limits.MAX_CORE_NAMES, survey.coreNames.size, 'names in core instances');
  expectActorInterface(survey);
  expectLinkedImports(survey);
  for (const { name } of survey.exports) expectSafeName(name, 'component export');
  for (const name of survey.coreNames) expectSafeName(name, 'name in a core instance');
}

function expectActorInterface(survey: Survey): void {
  if (survey.exports.some(({ name, isInstance }) => isInstance && name === ACTOR_INTERFACE)) return;
  const found = survey.exports.map(({ name }) => quote(name)).join(', ');
  throw new PlexSpacesError(
    'INVALID_ARGUMENT',
    `not an actor: expected an export of the interface ${ACTOR_INTERFACE}, found ${found === '' ? 'no exports' : found}`,
    { reason: 'NOT_A_COMPONENT' },
  );
}

function expectLinkedImports(survey: Survey): void {
  for (const { name, isInstance } of survey.imports) {
    if (isInstance && isLinkedInterface(name)) continue;
    throw new PlexSpacesError(
      'INVALID_ARGUMENT',
      `expected imports of ${HOST_INTERFACE} and of WASI 0.2 only, found ${quote(name)}`,
      { reason: 'FOREIGN_IMPORT', details: { import: quote(name) } },
    );
  }
}
