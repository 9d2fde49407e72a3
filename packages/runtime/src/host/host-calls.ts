/**
 * Every host call of every guest passes here: bytes in, the effect on the node, bytes out.
 *
 * An error of the closed set is an answer, which the guest sees; any other throw is a fault of the node.
 */
import { PlexSpacesError } from '@plexspaces/core';
import { decodeHostCall, encodeHostReply } from '@plexspaces/worker';
import type { HostCall } from '@plexspaces/worker';
import type { StoreOperation } from '../store/store.ts';
import type { Spaces } from '../tuplespace/spaces.ts';
import { requestCheckpoint } from './durability.ts';
import type { HostEffect, HostScope } from './scope.ts';
import { beginSleep } from './time.ts';
import { runTuplespaceCall } from './tuplespace.ts';

export interface AnsweredCall {
  readonly function: string;
  readonly reply: Uint8Array;
  /** To be appended by the caller, together with the call's journal record if there is one. */
  readonly operations: readonly StoreOperation[];
}

export class HostCalls {
  readonly #spaces: Spaces;

  constructor(spaces: Spaces) {
    this.#spaces = spaces;
  }

  answer(request: Uint8Array, scope: HostScope): AnsweredCall {
    const startedAt = performance.now();
    const call = decodeHostCall(request);
    const elapsed = (): number => Math.max(1, Math.round((performance.now() - startedAt) * 1000));
    try {
      const { value, operations } = this.#run(call, scope);
      const reply = encodeHostReply({ ok: true, value, durationMicros: elapsed() });
      return { function: call.function, reply, operations };
    } catch (thrown) {
      if (!(thrown instanceof PlexSpacesError)) throw thrown;
      const { code, message } = thrown;
      const reply = encodeHostReply({ ok: false, code, message, durationMicros: elapsed() });
      return { function: call.function, reply, operations: [] };
    }
  }

  #run(call: HostCall, scope: HostScope): HostEffect {
    switch (call.function) {
      case 'checkpoint':
        return requestCheckpoint(scope);
      case 'sleep-millis':
        return beginSleep(call);
      default:
        return runTuplespaceCall(this.#spaces, call, scope);
    }
  }
}
