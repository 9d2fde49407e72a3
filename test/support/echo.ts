/** The echo component, ready for threads, and the settings and calls that go with it. */
import { resolveSettings } from '../../packages/runtime/src/actors/application-settings.ts';
import type { Kind, ResolvedSettings } from '../../packages/runtime/src/actors/application-settings.ts';
import type { CheckpointPolicy } from '../../packages/runtime/src/actors/checkpoints.ts';
import type { LoadedComponent } from '../../packages/runtime/src/components/component-store.ts';
import type { PoolSize } from '../../packages/runtime/src/pool/pool-options.ts';
import type { WorkerLimits } from '../../packages/runtime/src/pool/worker-limits.ts';
import { openTemporaryStore } from '../fixtures/components/temporary-store.ts';
import { readEcho } from '../fixtures/components/wat.ts';

export interface EchoComponent extends AsyncDisposable {
  readonly component: LoadedComponent;
}

export interface EchoSettings {
  readonly kind?: Kind;
  readonly isDurable?: boolean;
  readonly workers?: Partial<PoolSize>;
  readonly limits?: Partial<WorkerLimits>;
  readonly capabilities?: ResolvedSettings['capabilities'];
  readonly checkpoints?: Partial<CheckpointPolicy>;
  readonly idempotencyMs?: number;
  readonly residentActors?: number;
  readonly maxAttempts?: number;
}

export const SERVICE = 'test.Echo.v1';
const MEMORY_BYTES = 4 * 1_048_576;

/** Screened and transpiled as every component is; its files stay until it is disposed of. */
export async function loadEcho(
  bytes: Uint8Array = readEcho(),
  { memoryBytes = MEMORY_BYTES }: { readonly memoryBytes?: number } = {},
): Promise<EchoComponent> {
  const temporary = await openTemporaryStore();
  const { store } = temporary;
  const { component } = await store.prepare(await store.put(bytes));
  return {
    component: await store.load(component, { memoryBytes }),
    [Symbol.asyncDispose]: () => temporary[Symbol.asyncDispose](),
  };
}

/** The node's own defaults, but for small pools and no lingering. */
export function echoSettings(wanted: EchoSettings = {}): ResolvedSettings {
  const defaults = resolveSettings(SERVICE, undefined);
  return {
    ...defaults,
    kind: wanted.kind ?? 'durable',
    workers: { min: 1, max: 1, idleTimeoutMs: 60_000, queueLimit: 1000, ...wanted.workers },
    limits: { ...defaults.limits, ...wanted.limits },
    capabilities: wanted.capabilities ?? defaults.capabilities,
    checkpoints: { ...defaults.checkpoints, ...wanted.checkpoints },
    isDurable: wanted.isDurable ?? (wanted.kind ?? 'durable') === 'durable',
    idempotencyMs: wanted.idempotencyMs ?? defaults.idempotencyMs,
    residentActors: wanted.residentActors ?? defaults.residentActors,
    maxAttempts: wanted.maxAttempts ?? defaults.maxAttempts,
  };
}

/** The answer of `count`. */
export function countOf(answer: Uint8Array): number {
  return new DataView(answer.buffer, answer.byteOffset, answer.byteLength).getUint32(0, true);
}

export function text(answer: Uint8Array): string {
  return Buffer.from(answer).toString();
}

/** The payload of `sleep`. */
export function milliseconds(duration: number): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(duration), true);
  return bytes;
}
