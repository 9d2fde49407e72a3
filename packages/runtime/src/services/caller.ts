/** Who calls the node from outside, and what of it is open to them. */
import { PlexSpacesError } from '@plexspaces/core';
import type { CallContext } from 'nice-grpc-common';
import { DEFAULT_TENANT } from '../tuplespace/space-name.ts';

/** deploy: applications and their actors' insides; invoke: calls and messages; tuples: the tuple space. */
export type Right = 'deploy' | 'invoke' | 'tuples';
export const RIGHTS: readonly Right[] = ['deploy', 'invoke', 'tuples'];

export interface Caller {
  /** For the log. */
  readonly name: string;
  /** Whose applications and tuples it sees. */
  readonly tenant: string;
  readonly allow: ReadonlySet<Right>;
}

/** What the services get with each call, beside what the transport knows of it. */
export interface CallerContext {
  readonly caller: Caller;
}

export type ServiceContext = CallContext & CallerContext;

/** Of a node without credentials, which listens to its own machine alone. */
export const EVERYONE: Caller = { name: 'everyone', tenant: DEFAULT_TENANT, allow: new Set(RIGHTS) };

/** Whom nobody has looked at yet. */
export const NOBODY: Caller = { name: 'nobody', tenant: '', allow: new Set() };

/** @param right undefined: being known is enough. @throws PERMISSION_DENIED */
export function expectRight({ name, allow }: Caller, right: Right | undefined): void {
  if (right === undefined || allow.has(right)) return;
  throw new PlexSpacesError('PERMISSION_DENIED', `expected credentials that allow ${right}, found those of ${name}`);
}

/** What shows all tenants is for the one whose node it is. @throws PERMISSION_DENIED */
export function expectOwner({ name, tenant }: Caller): void {
  if (tenant === DEFAULT_TENANT) return;
  throw new PlexSpacesError(
    'PERMISSION_DENIED',
    `expected credentials of tenant ${DEFAULT_TENANT}, found those of ${name}`,
  );
}
