/** WASMSingletonActor for programs: exactly one instance, whose state all calls share, one at a time. */
import { resolveActorOptions } from './actor-options.ts';
import type { ActorOptions, PoolWorkers } from './actor-options.ts';
import { HostedActor } from './hosted-actor.ts';
import type { ComponentInput } from './prepared-components.ts';
import { WASMActor } from './wasm-actor.ts';

export interface SingletonOptions extends Omit<ActorOptions, 'workers'> {
  /** `min` and `max` are 1. */
  readonly workers?: Pick<PoolWorkers, 'queueLimit'> | undefined;
}

/** Its state lives as long as its instance: a trap, a deadline or a limit begins it anew, from `initialState`. */
export class WASMSingletonActor extends WASMActor {
  /** As WASMWorkerPool.start. */
  static override async start(component: ComponentInput, options: SingletonOptions = {}): Promise<WASMSingletonActor> {
    return new WASMSingletonActor(await HostedActor.start(component, resolveActorOptions('singleton', options)));
  }
}
