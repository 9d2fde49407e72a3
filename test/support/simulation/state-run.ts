/** Steps of clients of the shared state against a model of it: memory, records and model are never to differ. */
import fc from 'fast-check';
import { SharedState } from '../../../packages/runtime/src/state/shared-state.ts';
import type { SharedStateOptions } from '../../../packages/runtime/src/state/shared-state.ts';
import { MemoryStore } from '../../../packages/runtime/src/store/memory-store.ts';
import type { StoreOperation } from '../../../packages/runtime/src/store/store.ts';
import { VirtualClock } from '../virtual-clock.ts';
import { demand, demandThat } from './demand.ts';

export const LIMITS = { maxKeys: 3, maxBytes: 36, maxValueBytes: 16 };
const SERVICES = ['demo.A', 'demo.B'] as const;
const KEYS = ['a', 'ab', 'aé', 'a\u{ffff}', 'a\u{10000}', 'b', '\0'] as const;

const service = fc.constantFrom(...SERVICES);
const key = fc.constantFrom(...KEYS);
const version = fc.oneof(fc.constant(undefined), fc.constant(0n), fc.constantFrom(...([1, 2, 3] as const)));

export type Step =
  | {
      readonly step: 'put';
      readonly service: string;
      readonly key: string;
      readonly bytes: number;
      /** 0n: only if absent; a number: that of the key's last versions, the newest first. */
      readonly ifVersion: bigint | number | undefined;
      readonly ttlMs: bigint | undefined;
    }
  | {
      readonly step: 'delete';
      readonly service: string;
      readonly key: string;
      readonly ifVersion: bigint | number | undefined;
    }
  | { readonly step: 'list'; readonly service: string; readonly prefix: string; readonly limit: number }
  | { readonly step: 'wait'; readonly ms: number }
  | { readonly step: 'sweep' }
  | { readonly step: 'restart' };

const anyStep: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    step: fc.constant('put' as const),
    service,
    key,
    bytes: fc.integer({ min: 0, max: 17 }),
    ifVersion: version,
    ttlMs: fc.option(fc.bigInt({ min: 1n, max: 20n }), { nil: undefined }),
  }),
  fc.record({ step: fc.constant('delete' as const), service, key, ifVersion: version }),
  fc.record({
    step: fc.constant('list' as const),
    service,
    prefix: fc.constantFrom('', 'a', 'a\u{10000}', 'c'),
    limit: fc.integer({ min: 1, max: 5 }),
  }),
  fc.record({ step: fc.constant('wait' as const), ms: fc.integer({ min: -5, max: 15 }) }),
  fc.constant<Step>({ step: 'sweep' }),
  fc.constant<Step>({ step: 'restart' }),
);

interface ModelEntry {
  readonly length: number;
  readonly version: bigint;
  readonly expiresAtMs: number;
}

export const anySteps: fc.Arbitrary<Step[]> = fc.array(anyStep, { maxLength: 60, size: 'max' });

/** What is promised, in as few words as can be. */
class Model {
  readonly services = new Map<string, Map<string, ModelEntry>>(SERVICES.map((name) => [name, new Map()]));
  readonly given: bigint[] = [];
  nowMs = 0;

  live(name: string): Map<string, ModelEntry> {
    const entries = [...(this.services.get(name) ?? [])].filter(([, { expiresAtMs }]) => this.nowMs < expiresAtMs);
    return new Map(entries);
  }

  hasRoom(name: string, added: string, length: number): boolean {
    const others = [...this.live(name)].filter(([other]) => other !== added);
    const bytes = others.reduce((sum, [other, entry]) => sum + Buffer.byteLength(other) + entry.length, 0);
    return others.length < LIMITS.maxKeys && bytes + Buffer.byteLength(added) + length <= LIMITS.maxBytes;
  }

  keys(name: string, prefix: string, limit: number): string[] {
    const found = [...this.live(name).keys()].filter((each) => each.startsWith(prefix));
    return found.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))).slice(0, limit);
  }
}

export class StateRun {
  readonly #clock = new VirtualClock();
  readonly #store = new MemoryStore();
  readonly #model = new Model();
  #number = 0n;
  readonly #options: SharedStateOptions;
  #state: SharedState;

  constructor(changed: Partial<SharedStateOptions> = {}) {
    const numbers = { next: (): bigint => (this.#number += 1n) };
    this.#options = { clock: this.#clock, limits: LIMITS, numbers, ...changed };
    this.#state = new SharedState(this.#options);
  }

  async take(step: Step): Promise<void> {
    this.#look();
    await this.#take(step);
    this.#look();
    for (const name of SERVICES) this.#compare(name);
  }

  #look(): void {
    this.#model.nowMs = Math.max(this.#model.nowMs, this.#clock.nowMs());
    this.#state.get('demo.A', 'a'); // it has seen that time as well
  }

  async #take(step: Step): Promise<void> {
    switch (step.step) {
      case 'put':
        return await this.#put(step);
      case 'delete': {
        const ifVersion = this.#version(step);
        const present = this.#model.live(step.service).get(step.key);
        const expected = present !== undefined && (ifVersion === undefined || ifVersion === present.version);
        const operations = this.#state.delete(step.service, step.key, ifVersion);
        demand('deleted', operations !== undefined, expected);
        if (expected) this.#model.services.get(step.service)?.delete(step.key);
        return await this.#keep(operations);
      }
      case 'list':
        return demand(
          'keys',
          this.#state.list(step.service, step.prefix, step.limit),
          this.#model.keys(step.service, step.prefix, step.limit),
        );
      case 'wait':
        return step.ms < 0 ? this.#clock.set(this.#clock.nowMs() + step.ms) : this.#clock.advance(step.ms);
      case 'sweep':
        return await this.#keep(this.#state.sweep(3));
      case 'restart':
        this.#clock.set(Math.max(this.#clock.nowMs(), this.#model.nowMs)); // see limits.md for a clock set back
        this.#state = await SharedState.load(this.#store, this.#options);
    }
  }

  async #put(step: Extract<Step, { step: 'put' }>): Promise<void> {
    const { service: name, key: at, bytes, ttlMs } = step;
    const ifVersion = this.#version(step);
    const put = (): ReturnType<SharedState['put']> =>
      this.#state.put(name, at, new Uint8Array(bytes), { ifVersion, ttlMs });
    const isMet = ifVersion === undefined || (this.#model.live(name).get(at)?.version ?? 0n) === ifVersion;
    if (bytes > LIMITS.maxValueBytes || (isMet && !this.#model.hasRoom(name, at, bytes))) {
      return demandThat('too much was not refused', isRefused(put));
    }
    const done = put();
    demand('put', done !== undefined, isMet);
    if (done === undefined) return;
    demandThat(`version ${done.version} was given before`, !this.#model.given.includes(done.version));
    this.#model.given.push(done.version);
    const expiresAtMs = ttlMs === undefined ? Infinity : this.#model.nowMs + Number(ttlMs);
    this.#model.services.get(name)?.set(at, { length: bytes, version: done.version, expiresAtMs });
    await this.#keep(done.operations);
  }

  #version({ service: name, key: at, ifVersion }: Extract<Step, { step: 'put' | 'delete' }>): bigint | undefined {
    if (typeof ifVersion !== 'number') return ifVersion;
    return ifVersion === 1 ? (this.#model.live(name).get(at)?.version ?? 7n) : this.#model.given.at(-ifVersion);
  }

  async #keep(operations: readonly StoreOperation[] = []): Promise<void> {
    await this.#store.batch(operations);
  }

  #compare(name: string): void {
    const live = this.#model.live(name);
    for (const at of KEYS) {
      const { value, version: found } = this.#state.get(name, at) ?? {};
      const expected = live.get(at);
      demand(`value of ${JSON.stringify(at)}`, [value?.length, found], [expected?.length, expected?.version]);
    }
  }
}

function isRefused(put: () => unknown): boolean {
  try {
    put();
    return false;
  } catch (thrown) {
    return /^(?:value|shared state): expected at most/.test(String(Reflect.get(Object(thrown), 'message')));
  }
}
