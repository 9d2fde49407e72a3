/** Durable actors over model threads and a stepped store: all of the runtime's own parts between guest and disk. */
import { DurableActors } from '../../../packages/runtime/src/actors/durable-actors.ts';
import { PlexSpacesError } from '@plexspaces/core';
import { echoSettings, SERVICE } from '../echo.ts';
import type { EchoSettings } from '../echo.ts';
import { openPorts } from '../ports.ts';
import type { Ports } from '../ports.ts';
import { recordingLogger } from '../recording-logger.ts';
import type { RecordingLogger } from '../recording-logger.ts';
import { bytesOf, INSPECT, MODEL_COMPONENT, parseState, RUN } from './model-guest.ts';
import type { GuestState, Program } from './model-guest.ts';
import type { ThreadFaults } from './model-thread.ts';
import { ModelThreads } from './model-threads.ts';
import { watch } from './settled.ts';
import type { Steps } from './steps.ts';
import type { SteppedStore } from './stepped-store.ts';
import type { Witness } from './witness.ts';

export interface SimulationOptions extends EchoSettings {
  readonly epoch?: bigint;
  readonly maxLiveActors?: number;
  readonly faults?: ThreadFaults;
  /** Changes what the actors are given of the node: a control. */
  readonly spoil?: (ports: Ports) => Ports;
}

export class SimulatedNode {
  readonly actors: DurableActors;
  readonly threads: ModelThreads;
  readonly ports: Ports;
  readonly log: RecordingLogger;
  readonly #steps: Steps;

  private constructor(ports: Ports, threads: ModelThreads, steps: Steps, options: SimulationOptions) {
    this.ports = ports;
    this.threads = threads;
    this.#steps = steps;
    this.log = recordingLogger();
    this.actors = new DurableActors({
      settings: echoSettings(options),
      component: MODEL_COMPONENT,
      initialState: new Uint8Array(),
      environment: {},
      ports,
      logger: this.log.logger,
      threads,
    });
  }

  static async start(
    store: SteppedStore,
    steps: Steps,
    witness: Witness,
    options: SimulationOptions = {},
  ): Promise<SimulatedNode> {
    const opened = await openPorts(store, options.epoch, options.maxLiveActors);
    const threads = new ModelThreads({ steps, witness, faults: options.faults ?? {} });
    const node = new SimulatedNode(options.spoil?.(opened) ?? opened, threads, steps, options);
    await node.finish(node.actors.start());
    return node;
  }

  invoke(program: Program, signal?: AbortSignal, idempotencyKey?: string): Promise<Uint8Array> {
    const payload = bytesOf(program);
    const key = program.actor.slice(SERVICE.length + 1);
    return this.actors.invoke({ key, fromActor: 'client', method: RUN, payload, signal, idempotencyKey });
  }

  async inspect(key: string): Promise<GuestState> {
    const call = { key, fromActor: 'client', method: INSPECT, payload: new Uint8Array() };
    return parseState(await this.finish(this.actors.invoke(call)));
  }

  /** Gives turns until there are none left; by then it has to have come to something. */
  async finish<T>(promise: Promise<T>): Promise<T> {
    const watched = watch(promise);
    await this.#steps.finish();
    if (watched.now.kind === 'pending') throw new PlexSpacesError('INTERNAL', 'nothing goes on, and a call waits');
    return await promise;
  }
}

export function addressOf(key: string): string {
  return `${SERVICE}/${key}`;
}
