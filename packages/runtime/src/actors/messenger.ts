/**
 * Messages between the actors of the node.
 *
 * X1. What a durable actor asks of another one is done once, however often a crash makes it ask again: the question's
 *     name is the other's idempotency key, kept until the asker's journal has the reply.
 */
import { formatActorAddress } from '@plexspaces/core';
import type { ActorAddress } from '@plexspaces/core';
import type { Delivery } from '../host/deliveries.ts';
import type { Messenger as MessengerPort, Question } from '../host/messaging.ts';
import type { HostEffect } from '../host/scope.ts';
import type { Activity, WaitGraph } from '../host/wait-graph.ts';
import type { IdempotencyRecords } from '../store/idempotency-records.ts';
import type { StoreOperation } from '../store/store.ts';
import type { Applications } from './applications.ts';
import { askKey } from './idempotency-keys.ts';

export interface MessengerPorts {
  /** Asked at each message: they are made of what sends messages. */
  readonly applications: () => Applications;
  readonly waits: WaitGraph;
  readonly idempotency: IdempotencyRecords;
}

export class Messenger implements MessengerPort {
  readonly #ports: MessengerPorts;

  constructor(ports: MessengerPorts) {
    this.#ports = ports;
  }

  deliver(to: ActorAddress, delivery: Delivery): readonly StoreOperation[] {
    return this.#ports.applications().deliver(to, { ...delivery, idempotencyKey: '' });
  }

  expectFits(to: ActorAddress, payload: Uint8Array): void {
    this.#ports.applications().serving(to.service).expectFits(payload);
  }

  isPending(to: ActorAddress, fromActor: string): boolean {
    return this.#ports.applications().serving(to.service).isPending(to, fromActor);
  }

  expectReachable({ service }: ActorAddress, tenant: string): void {
    this.#ports.applications().serving(service, tenant);
  }

  async ask(to: ActorAddress, question: Question): Promise<HostEffect> {
    await Promise.resolve(); // the thread that asks is known to wait from now on
    const applications = this.#ports.applications();
    const { isDurable } = applications.serving(to.service).settings;
    const key = isDurable && question.callId !== undefined ? askKey(question.callId) : '';
    const { fromActor, messageType: method, payload, timeoutMs, signal, activity } = question;
    const call = { fromActor, asker: activity, method, payload, idempotencyKey: key, timeoutMs, signal };
    this.#begin(activity, to, isDurable);
    try {
      const reply = await applications.invoke(to, call);
      return { value: { type: 'payload', payload: reply }, operations: this.#forget(to, key) };
    } finally {
      if (activity !== undefined) this.#ports.waits.answered(activity);
    }
  }

  /** @throws FAILED_PRECONDITION (CALL_CYCLE). */
  #begin(activity: Activity | undefined, to: ActorAddress, isExclusive: boolean): void {
    if (activity === undefined) return;
    const actor = isExclusive ? formatActorAddress(to) : to.service;
    this.#ports.waits.ask(activity, { actor, service: to.service, isExclusive });
  }

  /** X1: from now on the asker's journal answers. */
  #forget(to: ActorAddress, key: string): StoreOperation[] {
    return key === '' ? [] : [this.#ports.idempotency.delete(to, key)];
  }
}
