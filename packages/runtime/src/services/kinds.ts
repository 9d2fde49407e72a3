/** The kinds of actors on the wire. */
import { ActorKind } from '@plexspaces/proto';
import type { Kind } from '../actors/application-settings.ts';

export const KIND_MESSAGE: Readonly<Record<Kind, ActorKind>> = {
  durable: ActorKind.ACTOR_KIND_DURABLE,
  service: ActorKind.ACTOR_KIND_SERVICE,
  singleton: ActorKind.ACTOR_KIND_SINGLETON,
};
