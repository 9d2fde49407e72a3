/**
 * An actor in a program of its own: what the node's actors are, in surroundings that the program chose.
 *
 * It owns its surroundings, its pool and its hold on the prepared components. It adds no way of running a guest: calls
 * are those of actors/wasm-actor.ts.
 *
 * H1. It ends once, from the outside in: messages to itself, calls, threads, what was prepared.
 */
import { DEFAULT_KEY, encodeInput, parseOutput } from '@plexspaces/core';
import { CLIENT } from '../actors/actor-host.ts';
import { expectServable } from '../actors/core-modules.ts';
import { expectPayloadSize } from '../actors/size-limits.ts';
import { WASMActor, WASMSingletonActor } from '../actors/wasm-actor.ts';
import { DescribedService } from '../description/described-service.ts';
import type { Threads } from '../pool/threads.ts';
import type { PoolStats } from '../pool/pool-stats.ts';
import type { ResolvedActorOptions } from './actor-options.ts';
import { millisecondsUntil, withPatience } from './patience.ts';
import type { InvokeOptions, ShutdownOptions } from './patience.ts';
import { holdComponents } from './prepared-components.ts';
import type { ComponentInput, PreparedComponents } from './prepared-components.ts';
import { Surroundings } from './surroundings.ts';

interface HostedParts {
  /** Undefined: calls and replies are not checked. */
  readonly described: DescribedService | undefined;
  readonly limits: ResolvedActorOptions['settings']['limits'];
  readonly actor: WASMActor;
  readonly surroundings: Surroundings;
  readonly components: PreparedComponents;
}

/** Where its workers come from. @param compileCacheDirectory for what they compile. */
export type MakeThreads = (compileCacheDirectory: string) => Threads;

const DEFAULT_SHUTDOWN_MS = 30_000;

export class HostedActor {
  readonly service: string;
  readonly #parts: HostedParts;
  #ended: Promise<void> | undefined;

  private constructor(service: string, parts: HostedParts) {
    this.service = service;
    this.#parts = parts;
  }

  /** @throws what refuses the component, and what keeps its first instances from starting. */
  static async start(
    component: ComponentInput,
    options: ResolvedActorOptions,
    makeThreads?: MakeThreads,
  ): Promise<HostedActor> {
    const components = await holdComponents(options.cacheDirectory);
    try {
      const parts = await startParts(component, options, components, makeThreads);
      return new HostedActor(options.settings.service, parts);
    } catch (thrown) {
      await components[Symbol.asyncDispose]();
      throw thrown;
    }
  }

  async invoke(method: string, input: unknown, options: InvokeOptions): Promise<unknown> {
    const payload = encodeInput(input);
    const { actor, described } = this.#parts;
    this.#expectDescribed(method, payload);
    const reply = await withPatience(options, (patience) =>
      actor.invoke({ key: DEFAULT_KEY, fromActor: CLIENT, method, payload, ...patience }),
    );
    described?.expectReply(method, reply);
    const bytes = new Uint8Array(reply); // the block that it came in holds other calls' replies as well
    return input instanceof Uint8Array ? bytes : parseOutput(bytes);
  }

  tell(messageType: string, input: unknown): void {
    const payload = encodeInput(input);
    this.#expectDescribed(messageType, payload);
    this.#parts.surroundings.deliver({ fromActor: CLIENT, messageType, payload });
  }

  stats(): PoolStats {
    return this.#parts.actor.stats();
  }

  shutdown({ deadline = DEFAULT_SHUTDOWN_MS }: ShutdownOptions): Promise<void> {
    this.#ended ??= this.#end(millisecondsUntil(deadline));
    return this.#ended;
  }

  /** As a node does it (actors/application.ts). */
  #expectDescribed(method: string, payload: Uint8Array): void {
    const { described, limits } = this.#parts;
    if (described === undefined) return;
    expectPayloadSize(payload, limits);
    described.expectCall(method, payload);
  }

  /** H1 */
  async #end(deadlineMs: number): Promise<void> {
    const { actor, surroundings, components } = this.#parts;
    surroundings.pause();
    await actor.stop({ deadlineMs });
    surroundings.end();
    await components[Symbol.asyncDispose]();
  }
}

async function startParts(
  component: ComponentInput,
  { settings, hostApis, environment, initialState }: ResolvedActorOptions,
  components: PreparedComponents,
  makeThreads: MakeThreads | undefined,
): Promise<HostedParts> {
  const { compileCacheDirectory } = components;
  const { service, schema } = settings;
  const described = schema === undefined ? undefined : new DescribedService(service, schema);
  const loaded = await components.load(component, settings.limits);
  expectServable(loaded, settings);
  const surroundings = new Surroundings(settings, hostApis);
  const Actor = settings.kind === 'singleton' ? WASMSingletonActor : WASMActor;
  const actor = new Actor({
    settings,
    component: loaded,
    initialState,
    environment,
    compileCacheDirectory,
    threads: makeThreads?.(compileCacheDirectory),
    ports: surroundings.ports,
    logger: surroundings.logger,
  });
  surroundings.attach(actor);
  try {
    await actor.start();
  } catch (thrown) {
    surroundings.end();
    throw thrown;
  }
  surroundings.begin();
  return { actor, surroundings, components, described, limits: settings.limits };
}
