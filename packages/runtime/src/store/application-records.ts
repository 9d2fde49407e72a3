/** The deployed applications as the store keeps them. */
import { ApplicationRecord } from '@plexspaces/proto';
import { frameMessage, unframe } from './checksum.ts';
import { ALL_APPLICATIONS, applicationKey } from './key-layout.ts';
import type { Store, StoreOperation } from './store.ts';

export function putApplication(record: ApplicationRecord): StoreOperation {
  const value = frameMessage(ApplicationRecord, record);
  return { type: 'put', key: applicationKey(record.applicationId), value };
}

export function deleteApplication(applicationId: string): StoreOperation {
  return { type: 'del', key: applicationKey(applicationId) };
}

/** @throws DATA_LOSS at a damaged record. */
export async function loadApplications(store: Store): Promise<ApplicationRecord[]> {
  const records: ApplicationRecord[] = [];
  for await (const [key, value] of store.range(ALL_APPLICATIONS)) {
    records.push(ApplicationRecord.decode(unframe(key, value)));
  }
  return records;
}
