/** Gives every payload back, byte for byte, whatever the method is called. */
import { defineActor } from '@plexspaces/actor';
import type { Actor } from '@plexspaces/actor';

export const actor: Actor = defineActor({ anyRequest: (payload) => payload });
