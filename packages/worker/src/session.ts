/**
 * A working session of a thread: from the main thread's hand-over of its ports until `close`.
 *
 * It owns the instance that the thread holds. Calls arrive one at a time on their own port and are
 * answered there; comlink carries what happens seldom.
 */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { flushCompileCache } from 'node:module';
import { PlexSpacesError } from '@plexspaces/core';
import { expose } from 'comlink';
import { comlinkEndpoint } from './endpoint.ts';
import { GuestInstance } from './guest-instance.ts';
import type { ImportedComponent, Instantiate } from './guest-instance.ts';
import type {
  Activation,
  ComponentSource,
  FromThread,
  GuestCall,
  GuestOutcome,
  InstanceSlot,
  SessionTask,
  ToThread,
  WorkerControl,
} from './protocol.ts';

export class Session implements WorkerControl {
  readonly #task: SessionTask;
  readonly #ended = Promise.withResolvers<void>();
  #component: ImportedComponent | undefined;
  readonly #instances = new Map<InstanceSlot, GuestInstance>();

  constructor(task: SessionTask) {
    this.#task = task;
  }

  /** Resolves when the main thread closes the session. */
  async run(): Promise<void> {
    const { control, calls } = this.#task;
    const exposed: WorkerControl = {
      load: (component) => this.load(component),
      activate: (slot, activation) => this.activate(slot, activation),
      drop: (slot) => this.drop(slot),
      close: () => this.close(),
    };
    expose(exposed, comlinkEndpoint(control));
    calls.on('message', (message: ToThread) => this.#answer(message.call));
    await this.#ended.promise;
    control.close();
    calls.close();
  }

  async load(component: ComponentSource): Promise<void> {
    await expectHash(component);
    const module: unknown = await import(component.javascriptUrl);
    this.#component = { instantiate: expectInstantiate(module), modules: component.modules };
    flushCompileCache(); // a thread that is terminated would not
  }

  activate(slot: InstanceSlot, activation: Activation): void {
    if (this.#component === undefined) throw new PlexSpacesError('INTERNAL', 'activate: no component is loaded');
    this.#instances.delete(slot); // lets the old instance's memory go before the new one takes its own
    const instance = new GuestInstance(this.#component, {
      activation,
      bridge: this.#task.bridge,
      timeoutMs: this.#task.hostCallTimeoutMs,
      send: (message) => this.#send(message),
    });
    this.#instances.set(slot, instance);
  }

  drop(slot: InstanceSlot): void {
    this.#instances.delete(slot);
  }

  close(): void {
    this.#ended.resolve();
  }

  #answer(call: GuestCall): void {
    const outcome = this.#call(call);
    const transfer = outcome.kind === 'ok' && outcome.payload !== undefined ? [outcome.payload.buffer] : [];
    this.#send({ type: 'result', id: call.id, outcome }, transfer);
  }

  #call(call: GuestCall): GuestOutcome {
    const instance = this.#instances.get(call.slot);
    if (instance === undefined) return { kind: 'trap', reason: 'TRAP', message: 'the thread holds no such instance' };
    return instance.call(call);
  }

  #send(message: FromThread, transfer: readonly ArrayBufferLike[] = []): void {
    this.#task.calls.postMessage(
      message,
      transfer.filter((buffer) => buffer instanceof ArrayBuffer),
    );
  }
}

async function expectHash(component: ComponentSource): Promise<void> {
  const found = createHash('sha256')
    .update(await readFile(new URL(component.javascriptUrl)))
    .digest('hex');
  if (found === component.javascriptHash) return;
  throw new PlexSpacesError(
    'DATA_LOSS',
    `${component.javascriptUrl}: expected sha256 ${component.javascriptHash}, found ${found}`,
  );
}

function expectInstantiate(module: unknown): Instantiate {
  if (hasInstantiate(module)) return module.instantiate;
  throw new PlexSpacesError('INTERNAL', 'the generated module has no function instantiate');
}

function hasInstantiate(module: unknown): module is { instantiate: Instantiate } {
  return (
    typeof module === 'object' && module !== null && 'instantiate' in module && typeof module.instantiate === 'function'
  );
}
