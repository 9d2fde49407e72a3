/** What an application of a plain core module is: OKRA's ABI knows calls, and neither messages nor snapshots. */
import { PlexSpacesError } from '@plexspaces/core';
import { ActorKind, Manifest } from '@plexspaces/proto';
import type { ComponentStore, LoadedComponent } from '../components/component-store.ts';
import type { ResolvedSettings } from './application-settings.ts';

/**
 * The manifest with the kind that its module has by default: a component's is left to the settings, a core module is a
 * service. It is written down at deploy, so that no restart has to look into the module first.
 */
export async function withDefaultKind(
  manifest: Manifest | undefined,
  moduleHash: string,
  components: Pick<ComponentStore, 'formOf'>,
): Promise<Manifest | undefined> {
  const isOpen = manifest === undefined || manifest.kind === ActorKind.ACTOR_KIND_UNSPECIFIED;
  if (!isOpen || (await components.formOf(moduleHash)) !== 'core module') return manifest;
  return { ...(manifest ?? Manifest.fromPartial({})), kind: ActorKind.ACTOR_KIND_SERVICE };
}

/** @throws INVALID_ARGUMENT (VALIDATION) naming the setting that the component's form cannot have. */
export function expectServable({ kind: form }: LoadedComponent, { kind, isDurable, every }: ResolvedSettings): void {
  if (form === 'component') return;
  if (kind === 'durable') throw invalid('kind', 'service or singleton, since it has no snapshot-state', 'durable');
  if (isDurable) throw invalid('durability', 'none, since it has no snapshot-state', 'some');
  if (every.length > 0) throw invalid('every', 'none, since it takes calls and no messages', `${every.length}`);
}

export function noMessages(service: string): PlexSpacesError {
  return new PlexSpacesError(
    'UNIMPLEMENTED',
    `${service} is a core module, which takes calls and no messages: there is no handle-message in its ABI`,
  );
}

function invalid(field: string, expected: string, found: string): PlexSpacesError {
  return new PlexSpacesError('INVALID_ARGUMENT', `${field} of a core module: expected ${expected}, found ${found}`, {
    reason: 'VALIDATION',
  });
}
