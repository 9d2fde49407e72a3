/** WASMActor for programs: a pool with an address, to which messages come, also by themselves. */
import { resolveActorOptions } from './actor-options.ts';
import type { ActorOptions } from './actor-options.ts';
import { HostedActor } from './hosted-actor.ts';
import type { ComponentInput } from './prepared-components.ts';
import { WASMWorkerPool } from './wasm-worker-pool.ts';

export class WASMActor extends WASMWorkerPool {
  readonly #hosted: HostedActor;

  /** Use `start`. */
  protected constructor(hosted: HostedActor) {
    super(hosted);
    this.#hosted = hosted;
  }

  /** As WASMWorkerPool.start. */
  static override async start(component: ComponentInput, options: ActorOptions = {}): Promise<WASMActor> {
    return new WASMActor(await HostedActor.start(component, resolveActorOptions('service', options)));
  }

  /**
   * Sends a message to the guest's `handle-message`, without a reply: that it failed is only logged.
   * @throws RESOURCE_EXHAUSTED where too many wait or it is too large, UNAVAILABLE after `shutdown`.
   */
  tell(messageType: string, input: unknown = {}): void {
    this.#hosted.tell(messageType, input);
  }
}
