/** The node's half of the interface, in memory; a test looks into what it holds. */
import { HostError } from './host.ts';
import type { Host, WitField, WitPattern, WitPatternField, WitTuple } from './host.ts';

export interface SentMessage {
  readonly to: string;
  readonly messageType: string;
  readonly payload: Uint8Array;
}

export interface PendingTimer extends Omit<SentMessage, 'to'> {
  readonly timer: number;
  readonly delayMs: number;
}

/** Answers `ask`. */
export type Answer = (to: string, messageType: string, payload: Uint8Array) => Uint8Array;

const TYPES = {
  'string-type': 'string-value',
  'integer-type': 'integer-value',
  'float-type': 'float-value',
  'bytes-type': 'bytes-value',
  'boolean-type': 'boolean-value',
  'null-type': 'null-value',
} as const;

export class FakeHost implements Host {
  id = 'test.Actor/default';
  now = 0;
  answer: Answer = (to) => {
    throw new HostError(`NOT_FOUND: no actor ${to}: a test gives FakeHost.answer`);
  };
  tuples: WitTuple[] = [];
  readonly sent: SentMessage[] = [];
  readonly timers: PendingTimer[] = [];
  readonly logged: { readonly level: string; readonly message: string }[] = [];
  readonly state: Map<string, readonly [Uint8Array, number]> = new Map();
  readonly #leases: Map<number, WitTuple> = new Map();
  #numbers = 0;

  tuplespaceWrite(value: WitTuple): void {
    this.tuples.push(value);
  }

  tuplespaceWriteWithTtl(value: WitTuple, _ttlMs: number): number {
    this.tuples.push(value);
    this.#leases.set(this.#next(), value);
    return this.#numbers;
  }

  tuplespaceRenew(lease: number, _ttlMs: number): boolean {
    return this.tuples.some((value) => value === this.#leases.get(lease));
  }

  tuplespaceRead(pattern: WitPattern): WitTuple | null {
    return this.tuples.find((value) => matches(pattern, value)) ?? null;
  }

  tuplespaceReadBlocking(pattern: WitPattern, _timeoutMs: number): WitTuple | null {
    return this.tuplespaceRead(pattern);
  }

  tuplespaceTake(pattern: WitPattern): WitTuple | null {
    const found = this.tuplespaceRead(pattern);
    this.tuples = this.tuples.filter((value) => value !== found);
    return found;
  }

  tuplespaceTakeBlocking(pattern: WitPattern, _timeoutMs: number): WitTuple | null {
    return this.tuplespaceTake(pattern);
  }

  tuplespaceReadAll(pattern: WitPattern, limit: number): readonly WitTuple[] {
    return this.tuples.filter((value) => matches(pattern, value)).slice(0, limit);
  }

  tuplespaceCount(pattern: WitPattern): number {
    return this.tuples.filter((value) => matches(pattern, value)).length;
  }

  tuplespaceCompareAndSwap(pattern: WitPattern, expected: WitTuple, replacement: WitTuple): boolean {
    const found = this.tuplespaceRead(pattern);
    if (found === null || !equalTuples(found, expected)) return false;
    this.tuplespaceTake(pattern);
    this.tuples.push(replacement);
    return true;
  }

  tuplespaceSubscribe(_pattern: WitPattern): number {
    throw new HostError('UNIMPLEMENTED: subscriptions need a node');
  }

  tuplespaceUnsubscribe(_subscription: number): boolean {
    return false;
  }

  sendMessage(to: string, messageType: string, payload: Uint8Array): void {
    this.sent.push({ to, messageType, payload });
  }

  ask(to: string, messageType: string, payload: Uint8Array, _timeoutMs: number): Uint8Array {
    return this.answer(to, messageType, payload);
  }

  selfId(): string {
    return this.id;
  }

  sendAfter(delayMs: number, messageType: string, payload: Uint8Array): number {
    const timer = this.#next();
    this.timers.push({ timer, delayMs, messageType, payload });
    return timer;
  }

  cancelTimer(timer: number): boolean {
    const index = this.timers.findIndex((pending) => pending.timer === timer);
    if (index >= 0) this.timers.splice(index, 1);
    return index >= 0;
  }

  stateGet(key: string): readonly [Uint8Array, number] | null {
    return this.state.get(key) ?? null;
  }

  statePut(key: string, value: Uint8Array, ifVersion: number | null, _ttlMs: number | null): number | null {
    if (ifVersion !== null && ifVersion !== (this.state.get(key)?.[1] ?? 0)) return null;
    const version = this.#next();
    this.state.set(key, [value, version]);
    return version;
  }

  stateDelete(key: string, ifVersion: number | null): boolean {
    const found = this.state.get(key);
    if (found === undefined || (ifVersion !== null && ifVersion !== found[1])) return false;
    return this.state.delete(key);
  }

  stateList(prefix: string, limit: number): readonly string[] {
    const found = [...this.state.keys()].filter((key) => key.startsWith(prefix));
    return found.toSorted().slice(0, limit);
  }

  log(level: string, message: string): void {
    this.logged.push({ level, message });
  }

  nowMillis(): number {
    this.now += 1;
    return this.now;
  }

  sleepMillis(durationMs: number): void {
    this.now += durationMs;
  }

  checkpoint(): void {
    this.log('debug', 'checkpoint');
  }

  getJournalSequence(): number {
    return 0;
  }

  isReplayMode(): boolean {
    return false;
  }

  #next(): number {
    this.#numbers += 1;
    return this.#numbers;
  }
}

function matches(pattern: WitPattern, value: WitTuple): boolean {
  return pattern.length === value.length && pattern.every((item, index) => matchesField(item, value[index]));
}

function matchesField(item: WitPatternField, field: WitField | undefined): boolean {
  if (field === undefined) return false;
  if (item.tag === 'wildcard') return true;
  return item.tag === 'exact' ? equalFields(item.val, field) : TYPES[item.val] === field.tag;
}

function equalTuples(one: WitTuple, other: WitTuple): boolean {
  return matches(
    one.map((val) => ({ tag: 'exact', val })),
    other,
  );
}

/** As the node has it: NaN is NaN, -0 is not 0, an int is no float. */
function equalFields(one: WitField, other: WitField): boolean {
  if (one.tag === 'null-value' || other.tag === 'null-value') return one.tag === other.tag;
  if (one.tag === 'bytes-value' && other.tag === 'bytes-value') return one.val.toString() === other.val.toString();
  return one.tag === other.tag && Object.is(one.val, other.val);
}
