/** Shared state of a service: thread half. */
import { askHost } from './context.ts';
import type { HostContext } from './context.ts';
import { expectBool, expectU64, expectValue, witResult } from './results.ts';
import type { WitResult } from './results.ts';

export interface StateImports {
  stateGet(key: string): WitResult<readonly [value: Uint8Array, version: bigint] | undefined>;
  statePut(
    key: string,
    value: Uint8Array,
    ifVersion: bigint | undefined,
    ttlMs: bigint | undefined,
  ): WitResult<bigint | undefined>;
  stateDelete(key: string, ifVersion: bigint | undefined): WitResult<boolean>;
  stateList(prefix: string, limit: number): WitResult<readonly string[]>;
}

export function stateImports(context: HostContext): StateImports {
  return {
    stateGet: (key) =>
      witResult(() => {
        const found = askHost(context, { function: 'state-get', key });
        if (found.type === 'none') return undefined;
        const { payload, version } = expectValue(found, 'versioned');
        return [payload, version] as const;
      }),
    statePut: (key, value, ifVersion, ttlMs) =>
      witResult(() => {
        const put = askHost(context, { function: 'state-put', key, value, ifVersion, ttlMs });
        return put.type === 'none' ? undefined : expectU64(put);
      }),
    stateDelete: (key, ifVersion) =>
      witResult(() => expectBool(askHost(context, { function: 'state-delete', key, ifVersion }))),
    stateList: (prefix, limit) =>
      witResult(() => expectValue(askHost(context, { function: 'state-list', prefix, limit }), 'texts').texts),
  };
}
