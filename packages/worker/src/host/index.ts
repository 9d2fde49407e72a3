/** The interface `plexspaces:actor/host`, assembled from its groups in this one place. */
import type { HostContext } from './context.ts';
import { durabilityImports } from './durability.ts';
import { logImports } from './log.ts';
import type { WitResult } from './results.ts';
import { timeImports } from './time.ts';
import { tuplespaceImports } from './tuplespace.ts';

/**
 * Functions of the WIT that this node does not serve. A component may import them (Python components
 * import every function of an interface); calling one answers UNIMPLEMENTED.
 */
const NOT_SERVED = [
  'tuplespace-write-with-ttl',
  'tuplespace-renew',
  'tuplespace-read-blocking',
  'tuplespace-take-blocking',
  'tuplespace-read-all',
  'tuplespace-compare-and-swap',
  'tuplespace-subscribe',
  'tuplespace-unsubscribe',
  'send-message',
  'ask',
  'send-after',
  'cancel-timer',
  'state-get',
  'state-put',
  'state-delete',
  'state-list',
] as const;

export function hostImports(context: HostContext): Record<string, unknown> {
  return {
    ...tuplespaceImports(context),
    ...logImports(context),
    ...timeImports(context),
    ...durabilityImports(context),
    selfId: () => context.selfId(),
    ...Object.fromEntries(NOT_SERVED.map((name) => [camelCase(name), () => notServed(name)])),
  };
}

function notServed(name: string): WitResult<never> {
  return { tag: 'err', val: `UNIMPLEMENTED: ${name} is not served by this node` };
}

function camelCase(name: string): string {
  return name.replaceAll(/-([a-z])/g, (_match, letter: string) => letter.toUpperCase());
}
