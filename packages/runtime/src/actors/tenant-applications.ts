/** The applications of a node as one tenant sees them: those of others are not there. It keeps nothing of its own. */
import type { ActorAddress } from '@plexspaces/core';
import type { InboxRecord } from '@plexspaces/proto';
import type { StoreOperation } from '../store/store.ts';
import type { ActorCall, DurableKeys } from './actor-host.ts';
import type { Application } from './application.ts';
import type { Applications, Deployed, Deployment } from './applications.ts';
import type { TakenCheckpoint } from './checkpoints.ts';

/** Each method is that of Applications; what belongs to another tenant is NOT_FOUND. */
export class TenantApplications {
  readonly #all: Applications;
  readonly #tenant: string;

  constructor(all: Applications, tenant: string) {
    this.#all = all;
    this.#tenant = tenant;
  }

  list(): readonly Application[] {
    return this.#all.list().filter(({ settings }) => settings.tenant === this.#tenant);
  }

  get(applicationId: string): Application {
    return this.#all.get(applicationId, this.#tenant);
  }

  serving(service: string): Application {
    return this.#all.serving(service, this.#tenant);
  }

  /** @throws ALREADY_EXISTS also for an id that is another tenant's. */
  deploy(deployment: Deployment): Promise<Deployed> {
    return this.#all.deploy({ ...deployment, tenant: this.#tenant });
  }

  undeploy(applicationId: string, options: { purge: boolean; deadlineMs: number }): Promise<void> {
    return this.#all.undeploy(applicationId, { ...options, tenant: this.#tenant });
  }

  start(applicationId: string): Promise<Application> {
    return this.#all.start(applicationId, { tenant: this.#tenant });
  }

  stop(applicationId: string, options: { deadlineMs: number }): Promise<Application> {
    return this.#all.stop(applicationId, { ...options, tenant: this.#tenant });
  }

  async invoke(address: ActorAddress, call: Omit<ActorCall, 'key'>): Promise<Uint8Array> {
    this.serving(address.service);
    return await this.#all.invoke(address, call);
  }

  deliver(address: ActorAddress, message: InboxRecord): readonly StoreOperation[] {
    this.serving(address.service);
    return this.#all.deliver(address, message);
  }

  async checkpoint(address: ActorAddress, signal: AbortSignal): Promise<TakenCheckpoint> {
    this.serving(address.service);
    return await this.#all.checkpoint(address, signal);
  }

  async durable(what: string, address: ActorAddress): Promise<DurableKeys> {
    this.serving(address.service);
    return await this.#all.durable(what, address);
  }
}
