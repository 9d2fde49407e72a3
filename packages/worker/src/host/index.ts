/** The interface `plexspaces:actor/host`, assembled from its groups in this one place. */
import type { HostContext } from './context.ts';
import { durabilityImports } from './durability.ts';
import { logImports } from './log.ts';
import { messagingImports } from './messaging.ts';
import { stateImports } from './state.ts';
import { timeImports } from './time.ts';
import { timersImports } from './timers.ts';
import { tuplespaceImports } from './tuplespace.ts';

export function hostImports(context: HostContext): Record<string, unknown> {
  return {
    ...tuplespaceImports(context),
    ...messagingImports(context),
    ...timersImports(context),
    ...stateImports(context),
    ...logImports(context),
    ...timeImports(context),
    ...durabilityImports(context),
  };
}
