/** A guest of a service while it handles one message: what it may ask of the node, and who waits for it. */
import type { LogLine } from '@plexspaces/worker';
import type { AnsweredCall, HostCalls } from '../host/host-calls.ts';
import { writeGuestLine } from '../host/log.ts';
import type { HostScope } from '../host/scope.ts';
import type { Activity, AskTarget, WaitGraph } from '../host/wait-graph.ts';
import type { HostAnswer, UnderWay } from '../host/waiting.ts';
import type { CallHost } from '../pool/thread-calls.ts';
import type { StoreOperation } from '../store/store.ts';

/** What all guests of an actor share. */
export interface ServiceGuestPorts {
  readonly hostCalls: Pick<HostCalls, 'answer'>;
  readonly waits: Pick<WaitGraph, 'begin' | 'end'>;
  readonly logger: Parameters<typeof writeGuestLine>[0];
  readonly scope: HostScope;
  readonly asked: AskTarget;
}

export class ServiceGuest implements CallHost {
  readonly #ports: ServiceGuestPorts;
  #activity: Activity | undefined;

  constructor(ports: ServiceGuestPorts) {
    this.#ports = ports;
  }

  /** Begins where it is first asked for: most messages come to their end without anybody's having to know of them. */
  get activity(): Activity {
    this.#activity ??= this.#ports.waits.begin(this.#ports.asked, true);
    return this.#activity;
  }

  /** The message is over, or its attempt is. */
  end(): void {
    if (this.#activity !== undefined) this.#ports.waits.end(this.#activity);
    this.#activity = undefined;
  }

  answer(request: Uint8Array, underWay: UnderWay): HostAnswer {
    const { hostCalls, scope } = this.#ports;
    return hostCalls.answer(request, { scope, underWay, activity: this.activity, compose: operationsOf });
  }

  log(line: LogLine): void {
    writeGuestLine(this.#ports.logger, this.#ports.scope, line);
  }
}

function operationsOf({ operations }: AnsweredCall): readonly StoreOperation[] {
  return operations;
}
