/** Applications of echo components over a store, with the component store that belongs to them. */
import { Manifest } from '@plexspaces/proto';
import type { ApplicationRecord } from '@plexspaces/proto';
import { Applications } from '../../../packages/runtime/src/actors/applications.ts';
import type { Deployment } from '../../../packages/runtime/src/actors/applications.ts';
import { loadApplications } from '../../../packages/runtime/src/store/application-records.ts';
import type { Store } from '../../../packages/runtime/src/store/store.ts';
import type { TemporaryStore } from '../../fixtures/components/temporary-store.ts';
import { openPorts } from '../../support/ports.ts';
import type { Ports } from '../../support/ports.ts';
import { recordingLogger } from '../../support/recording-logger.ts';
import type { LoggedLine } from '../../support/recording-logger.ts';

type Record = Deployment['record'];
export type PartialManifest = Parameters<typeof Manifest.fromPartial>[0];

export interface EchoApplicationsOptions {
  readonly checkReplies?: boolean;
}

export class EchoApplications implements AsyncDisposable {
  readonly applications: Applications;
  readonly ports: Ports;
  readonly lines: readonly LoggedLine[];
  readonly components: TemporaryStore['store'];

  private constructor(components: TemporaryStore['store'], ports: Ports, options: EchoApplicationsOptions) {
    const { logger, lines } = recordingLogger();
    this.components = components;
    this.ports = ports;
    this.lines = lines;
    this.applications = new Applications({ ...ports, components, logger, ...options });
  }

  /** As a node starts: what the store holds is restored. */
  static async start(
    components: TemporaryStore['store'],
    store: Store,
    epoch = 1n,
    options: EchoApplicationsOptions = {},
  ): Promise<EchoApplications> {
    const made = new EchoApplications(components, await openPorts(store, epoch), options);
    made.applications.restore(await loadApplications(store));
    return made;
  }

  invoke(service: string, method: string, key = 'default', payload = ''): Promise<Uint8Array> {
    const call = { fromActor: 'client', method, payload: Buffer.from(payload) };
    return this.applications.invoke({ service, key }, call);
  }

  /** What a restart would find deployed, once everything is written. */
  async recorded(): Promise<ApplicationRecord[]> {
    await this.ports.writer.synced(this.ports.writer.lsn);
    return loadApplications(this.ports.store);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.applications.close({ deadlineMs: 0 });
    await this.ports.writer.close();
  }
}

/** A deployment under `id`, whose service is `test.<id>` unless the manifest says otherwise. */
export function deployment(
  id: string,
  moduleHash: string,
  manifest: PartialManifest = {},
  more: Partial<Record> = {},
): Deployment {
  return {
    record: {
      applicationId: id,
      name: id,
      version: '1',
      description: '',
      moduleHash,
      manifest: Manifest.fromPartial({ service: `test.${id}`, workers: { min: 1, max: 1 }, ...manifest }),
      env: {},
      initialState: new Uint8Array(),
      module: undefined,
      ...more,
    },
  };
}
