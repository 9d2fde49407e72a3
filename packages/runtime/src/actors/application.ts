/**
 * One deployed application: what was deployed, its lifecycle, and its actors while it runs.
 *
 *     LOADING -> STARTING -> RUNNING -> STOPPING -> STOPPED -> STARTING …
 *                        \-> FAILED  -> STARTING …
 *
 * L1. The state changes in #enter alone.
 * L2. Calls that arrive while it starts wait for the outcome; in every other state but RUNNING they are refused.
 * L3. What clients send and actors ask of a described service is checked before anything is made of it; what actors tell
 *     each other, timers and tuples is not.
 */
import { DEFAULT_KEY, formatActorAddress, PlexSpacesError } from '@plexspaces/core';
import type { ActorAddress } from '@plexspaces/core';
import type { ApplicationRecord, InboxRecord } from '@plexspaces/proto';
import type { Logger } from 'pino';
import type { ComponentStore, PreparedComponent } from '../components/component-store.ts';
import type { Description } from '../description/description.ts';
import { DescribedService } from '../description/described-service.ts';
import type { CallTimes } from '../pool/call-times.ts';
import type { ThreadBudget } from '../pool/thread-budget.ts';
import type { PoolStats } from '../pool/pool-stats.ts';
import type { ServiceOwners } from '../store/service-owners.ts';
import type { StoreOperation } from '../store/store.ts';
import { CLIENT } from './actor-host.ts';
import type { ActorCall, ActorHost, ActorHostOptions, ActorPorts, DurableKeys } from './actor-host.ts';
import type { ResolvedSettings } from './application-settings.ts';
import type { TakenCheckpoint } from './checkpoints.ts';
import { expectServable } from './core-modules.ts';
import { DurableActors } from './durable-actors.ts';
import type { ServiceLife } from './service-life.ts';
import { expectPayloadSize } from './size-limits.ts';
import { WASMActor, WASMSingletonActor } from './wasm-actor.ts';

export interface ApplicationPorts extends ActorPorts {
  readonly components: ComponentStore;
  readonly compileCacheDirectory?: string;
  readonly threadBudget?: ThreadBudget | undefined;
  readonly unsafeUnwatched?: boolean | undefined;
  /** For negative controls in tests only: no instance is renewed because calls have worn it. */
  readonly unsafeUnrenewed?: boolean | undefined;
  /** Default: true. */
  readonly checkReplies?: boolean | undefined;
  readonly owners: ServiceOwners;
  readonly serviceLife: Pick<ServiceLife, 'resume' | 'pause' | 'forget'>;
  readonly logger: Logger;
}

type State =
  | { readonly status: 'LOADING' | 'STOPPING' | 'STOPPED' }
  | { readonly status: 'STARTING'; readonly started: Promise<ActorHost> }
  | { readonly status: 'RUNNING'; readonly host: ActorHost; readonly startedAt: Date }
  | { readonly status: 'FAILED'; readonly error: PlexSpacesError };
export type Status = State['status'];

export class Application {
  readonly settings: ResolvedSettings;
  readonly #ports: ApplicationPorts;
  #record: ApplicationRecord;
  #described: DescribedService | undefined;
  #state: State = { status: 'LOADING' };

  constructor(record: ApplicationRecord, settings: ResolvedSettings, ports: ApplicationPorts) {
    this.#record = record;
    this.settings = settings;
    this.#ports = ports;
  }

  get record(): ApplicationRecord {
    return this.#record;
  }

  get status(): Status {
    return this.#state.status;
  }

  /** Why it is FAILED. */
  get error(): PlexSpacesError | undefined {
    return this.#state.status === 'FAILED' ? this.#state.error : undefined;
  }

  get startedAt(): Date | undefined {
    return this.#state.status === 'RUNNING' ? this.#state.startedAt : undefined;
  }

  get host(): ActorHost | undefined {
    return this.#state.status === 'RUNNING' ? this.#state.host : undefined;
  }

  /** Undefined: it was deployed without one. @throws INVALID_ARGUMENT or UNIMPLEMENTED with what is wrong in its text. */
  get description(): Description | undefined {
    return this.#checks()?.description;
  }

  desire(desiredState: ApplicationRecord['desiredState']): ApplicationRecord {
    this.#record = { ...this.#record, desiredState };
    return this.#record;
  }

  /** @param prepared where it is at hand; else the store is asked. @throws what keeps it from running; it is then FAILED. */
  async start(prepared?: PreparedComponent): Promise<void> {
    if (this.#state.status === 'RUNNING') return;
    const started = this.#makeHost(prepared);
    this.#enter({ status: 'STARTING', started });
    try {
      this.#enter({ status: 'RUNNING', host: await started, startedAt: new Date() });
      this.#ports.serviceLife.resume(this.settings);
    } catch (thrown) {
      const error = PlexSpacesError.from(thrown);
      this.#enter({ status: 'FAILED', error });
      throw error;
    }
  }

  /** Lets what runs finish until the deadline. */
  async stop(options: { deadlineMs: number }): Promise<void> {
    const { host } = this;
    this.#ports.serviceLife.pause(this.settings.service);
    this.#enter({ status: 'STOPPING' });
    await host?.stop(options);
    this.#enter({ status: 'STOPPED' });
  }

  /** A start that does not come about: on a node that closes. */
  stayStopped(): void {
    this.#enter({ status: 'STOPPED' });
  }

  /** @throws FAILED_PRECONDITION where it is not durable, does not run, or refuses the checkpoint, with the reason. */
  async checkpoint(address: ActorAddress, signal: AbortSignal): Promise<TakenCheckpoint> {
    const durable = await this.durable('checkpoint', address);
    const result = await durable.checkpoint(address.key, signal);
    if (result.kind === 'taken') return result;
    const id = formatActorAddress(address);
    throw new PlexSpacesError('FAILED_PRECONDITION', `checkpoint of ${id} refused: ${result.reason}`);
  }

  /**
   * What can be asked of durable actors only.
   * @param what is asked, for the error. @throws FAILED_PRECONDITION where it is not durable or does not run.
   */
  async durable(what: string, address: ActorAddress): Promise<DurableKeys> {
    const { durable } = await this.#running();
    if (durable !== undefined) return durable;
    const found = `${formatActorAddress(address)} is of kind ${this.settings.kind}`;
    throw new PlexSpacesError('FAILED_PRECONDITION', `${what}: expected a durable actor, ${found}`);
  }

  /**
   * @throws UNAVAILABLE or FAILED_PRECONDITION where it does not run; NOT_FOUND, INVALID_ARGUMENT, INTERNAL where call or
   * reply are not what the description says; what the actor answers.
   */
  invoke(address: ActorAddress, call: Omit<ActorCall, 'key'>): Promise<Uint8Array> {
    this.#expectKey(address);
    if (!this.settings.isDurable && (call.idempotencyKey ?? '') !== '') {
      throw new PlexSpacesError(
        'FAILED_PRECONDITION',
        `${address.service} is a ${this.settings.kind}: only durable actors remember idempotency keys`,
      );
    }
    const running = this.#running();
    const checks = this.#expectDescribed(call.method, call.payload);
    const keyed = { ...call, key: address.key };
    const reply = running instanceof Promise ? running.then((host) => host.invoke(keyed)) : running.invoke(keyed);
    if (checks === undefined || this.#ports.checkReplies === false) return reply;
    return reply.then((output) => checks.expectReply(call.method, output));
  }

  /**
   * Hands a message to an actor; what a durable one is sent while its application starts waits in its inbox.
   * @throws as invoke; RESOURCE_EXHAUSTED where too much waits.
   */
  deliver(address: ActorAddress, message: InboxRecord): readonly StoreOperation[] {
    this.#expectKey(address);
    this.expectFits(message.payload);
    if (message.fromActor === CLIENT) this.#expectDescribed(message.messageType, message.payload);
    const { status } = this.#state;
    const isComing = status === 'LOADING' || status === 'STARTING';
    if (isComing && this.settings.isDurable) return this.#ports.inbox.put(address, message);
    return this.#expectRunning().deliver(address, message);
  }

  /** @throws RESOURCE_EXHAUSTED (PAYLOAD_TOO_LARGE). */
  expectFits(payload: Uint8Array): void {
    expectPayloadSize(payload, this.settings.limits);
  }

  /** A message that the sender had delivered to the actor waits or is being handled. */
  isPending(address: ActorAddress, fromActor: string): boolean {
    return this.#ports.inbox.holds(address, fromActor) || this.host?.isPending(address, fromActor) === true;
  }

  stats(): PoolStats | undefined {
    return this.host?.stats();
  }

  /** Undefined: it does not run. */
  get times(): CallTimes | undefined {
    return this.host?.times;
  }

  #expectKey({ service, key }: ActorAddress): void {
    const { kind } = this.settings;
    if (kind === 'durable' || key === DEFAULT_KEY) return;
    const found = JSON.stringify(key);
    throw new PlexSpacesError('INVALID_ARGUMENT', `${service}: expected no key behind a ${kind}, found ${found}`);
  }

  /** Made at the first use and kept. */
  #checks(): DescribedService | undefined {
    const { service, schema } = this.settings;
    if (schema !== undefined) this.#described ??= new DescribedService(service, schema);
    return this.#described;
  }

  /** L3. @returns what its reply is checked by; undefined: there is no description. */
  #expectDescribed(method: string, payload: Uint8Array): DescribedService | undefined {
    const checks = this.#checks();
    if (checks === undefined) return undefined;
    this.expectFits(payload); // before it is read
    checks.expectCall(method, payload);
    return checks;
  }

  #running(): ActorHost | Promise<ActorHost> {
    return this.#state.status === 'STARTING' ? this.#state.started : this.#expectRunning(); // L2
  }

  #expectRunning(): ActorHost {
    const state = this.#state;
    const { applicationId } = this.#record;
    switch (state.status) {
      case 'RUNNING':
        return state.host;
      case 'FAILED':
        throw new PlexSpacesError('FAILED_PRECONDITION', `application ${applicationId} failed: ${state.error.message}`);
      case 'STOPPED':
        throw new PlexSpacesError('FAILED_PRECONDITION', `application ${applicationId} is stopped`);
      case 'LOADING':
      case 'STARTING':
      case 'STOPPING':
        throw new PlexSpacesError('UNAVAILABLE', `application ${applicationId} is ${state.status.toLowerCase()}`);
    }
  }

  async #makeHost(prepared: PreparedComponent | undefined): Promise<ActorHost> {
    this.#checks();
    const { components, logger, compileCacheDirectory, threadBudget, unsafeUnwatched, unsafeUnrenewed } = this.#ports;
    const ready = prepared ?? (await components.prepare(this.#record.moduleHash)).component;
    const component = await components.load(ready, { memoryBytes: this.settings.limits.memoryBytes });
    expectServable(component, this.settings);
    const host = hostOf({
      settings: this.settings,
      component,
      initialState: this.#record.initialState,
      environment: this.#record.env,
      ports: this.#ports,
      compileCacheDirectory,
      threadBudget,
      unsafeUnwatched,
      unsafeUnrenewed,
      logger: logger.child({ application: this.#record.applicationId }),
    });
    await host.start();
    return host;
  }

  /** L1 */
  #enter(state: State): void {
    this.#state = state;
    const { logger } = this.#ports;
    const facts = { application: this.#record.applicationId, status: state.status };
    if (state.status === 'FAILED') logger.error({ ...facts, error: state.error.message }, 'application failed');
    else logger.info(facts, 'application state');
  }
}

function hostOf(options: ActorHostOptions): ActorHost {
  const { isDurable, kind } = options.settings;
  if (isDurable) return new DurableActors(options);
  return kind === 'singleton' ? new WASMSingletonActor(options) : new WASMActor(options);
}
