/**
 * Whose a service id is. What is kept under it outlives its application, so that the id stays its tenant's until that
 * is purged. Of the default tenant there are no records: what has none and keeps something is its.
 */
import { ServiceOwnerRecord } from '@plexspaces/proto';
import { frameMessage, unframe } from './checksum.ts';
import { serviceOwnerKey, serviceState } from './key-layout.ts';
import type { Store, StoreOperation } from './store.ts';

export class ServiceOwners {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  put(service: string, tenant: string): StoreOperation {
    const value = frameMessage(ServiceOwnerRecord, { tenant });
    return { type: 'put', key: serviceOwnerKey(service), value };
  }

  delete(service: string): StoreOperation {
    return { type: 'del', key: serviceOwnerKey(service) };
  }

  /** Of what is in the store; undefined: it is free. @throws DATA_LOSS at a damaged record. */
  async find(service: string, defaultTenant: string): Promise<string | undefined> {
    const key = serviceOwnerKey(service);
    const value = await this.#store.get(key);
    if (value !== undefined) return ServiceOwnerRecord.decode(unframe(key, value)).tenant;
    return (await this.#keepsAnything(service)) ? defaultTenant : undefined;
  }

  async #keepsAnything(service: string): Promise<boolean> {
    const firsts = serviceState(service).map((range) => this.#store.edgeKey(range, 'first'));
    return (await Promise.all(firsts)).some((key) => key !== undefined);
  }
}
