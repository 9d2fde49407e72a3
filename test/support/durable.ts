/** Durable echo actors over a store; a "restart" is new actors on the same store. */
import type { ActorHostOptions } from '../../packages/runtime/src/actors/actor-host.ts';
import { DurableActors } from '../../packages/runtime/src/actors/durable-actors.ts';
import type { LoadedComponent } from '../../packages/runtime/src/components/component-store.ts';
import type { Store } from '../../packages/runtime/src/store/store.ts';
import { echoSettings } from './echo.ts';
import type { EchoSettings } from './echo.ts';
import { openPorts } from './ports.ts';
import type { Ports } from './ports.ts';
import { recordingLogger } from './recording-logger.ts';
import type { RecordingLogger } from './recording-logger.ts';

export interface EchoCallOptions {
  readonly key?: string;
  readonly payload?: string | Uint8Array;
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  readonly idempotencyKey?: string;
}

export interface DurableEchoOptions extends EchoSettings {
  readonly epoch?: bigint;
  readonly initialState?: Uint8Array;
  readonly maxLiveActors?: number;
}

export class DurableEcho implements AsyncDisposable {
  readonly actors: DurableActors;
  readonly ports: Ports;
  readonly log: RecordingLogger;

  private constructor(actors: DurableActors, ports: Ports, log: RecordingLogger) {
    this.actors = actors;
    this.ports = ports;
    this.log = log;
  }

  static async start(component: LoadedComponent, store: Store, options: DurableEchoOptions = {}): Promise<DurableEcho> {
    const ports = await openPorts(store, options.epoch, options.maxLiveActors);
    const log = recordingLogger();
    const actors = new DurableActors(hostOptions(component, ports, log, options));
    await actors.start();
    return new DurableEcho(actors, ports, log);
  }

  /** The answer, when what it depends on can be read from the store. */
  async invoke(method: string, options: EchoCallOptions = {}): Promise<Uint8Array> {
    const { key = 'default', payload = '', timeoutMs, signal, idempotencyKey } = options;
    const bytes = typeof payload === 'string' ? Buffer.from(payload) : payload;
    const call = { key, fromActor: 'client', method, payload: bytes, timeoutMs, signal, idempotencyKey };
    const { writer } = this.ports;
    try {
      return await this.actors.invoke(call);
    } finally {
      await writer.stored(writer.lsn);
    }
  }

  /** As a kill does it, but for what the writer still holds, which a kill would leave to the disk's mercy. */
  async kill(): Promise<void> {
    await this.actors.stop({ deadlineMs: 0 });
    await this.ports.writer.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
  }
}

export function hostOptions(
  component: LoadedComponent,
  ports: Ports,
  { logger }: RecordingLogger,
  options: DurableEchoOptions = {},
): ActorHostOptions {
  return {
    settings: echoSettings(options),
    component,
    initialState: options.initialState ?? new Uint8Array(),
    environment: {},
    ports,
    logger,
  };
}
