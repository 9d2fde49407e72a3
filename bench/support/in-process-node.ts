/**
 * A node's actors without its ports: applications over LevelDB, every reply behind the output gate, as the
 * services do it. What gRPC costs is measured elsewhere.
 */
import { readFile } from 'node:fs/promises';
import { Manifest } from '@plexspaces/proto';
import { pino } from 'pino';
import { Applications } from '../../packages/runtime/src/actors/applications.ts';
import { ComponentStore } from '../../packages/runtime/src/components/component-store.ts';
import { createOutputGate } from '../../packages/runtime/src/services/output-gate.ts';
import type { OutputGate } from '../../packages/runtime/src/services/output-gate.ts';
import { loadApplications } from '../../packages/runtime/src/store/application-records.ts';
import { openDataDirectory } from '../../packages/runtime/src/store/data-directory.ts';
import type { DataDirectory } from '../../packages/runtime/src/store/data-directory.ts';
import { openPorts } from '../../test/support/ports.ts';
import type { Ports } from '../../test/support/ports.ts';

export type PartialManifest = Parameters<typeof Manifest.fromPartial>[0];

/** As the node itself has it. */
const MAX_LIVE_ACTORS = 1_000;

export class InProcessNode implements AsyncDisposable {
  readonly applications: Applications;
  readonly #data: DataDirectory;
  readonly #components: ComponentStore;
  readonly #gate: OutputGate;

  private constructor(data: DataDirectory, components: ComponentStore, ports: Ports) {
    const { compileCache: compileCacheDirectory } = data.paths;
    const logger = pino({ level: 'error' }, pino.destination({ dest: 2, sync: true }));
    this.#data = data;
    this.#components = components;
    this.#gate = createOutputGate(ports.writer);
    this.applications = new Applications({ ...ports, components, compileCacheDirectory, logger });
  }

  /** What was deployed before runs again when this resolves. */
  static async start(directory: string): Promise<InProcessNode> {
    const data = await openDataDirectory(directory);
    const components = await ComponentStore.open(data.paths.components);
    const ports = await openPorts(data.store, data.epoch, MAX_LIVE_ACTORS, data.writer);
    const node = new InProcessNode(data, components, ports);
    const records = await loadApplications(data.store);
    node.applications.restore(records);
    for (const { applicationId } of records) await node.applications.start(applicationId);
    return node;
  }

  /** Under its name as its service. */
  async deploy(name: string, componentFile: string, manifest: PartialManifest): Promise<void> {
    const moduleHash = await this.#components.put(await readFile(componentFile));
    const record = {
      applicationId: name,
      name,
      version: '1',
      description: '',
      moduleHash,
      manifest: Manifest.fromPartial({ service: name, ...manifest }),
      env: {},
      initialState: new Uint8Array(),
      module: undefined,
    };
    await this.#gate(() => this.applications.deploy({ record }));
  }

  /** The answer, when all that it depends on is synced. */
  invoke(service: string, key: string, method: string, payload: Uint8Array): Promise<Uint8Array> {
    return this.#gate(() => this.applications.invoke({ service, key }, { fromActor: 'client', method, payload }));
  }

  async checkpoint(service: string, key: string): Promise<void> {
    const { signal } = new AbortController();
    await this.#gate(() => this.applications.checkpoint({ service, key }, signal));
  }

  /** By the activation that the key lives in. */
  replayed(service: string, key: string): number {
    const status = this.applications.serving(service).host?.durable?.statusOf(key);
    if (status?.replayed !== undefined) return status.replayed;
    throw new Error(`${service}/${key}: expected it to live, found it ${status?.status ?? 'unknown'}`);
  }

  /** Nobody takes a last checkpoint, as in a crash. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.applications.close({ deadlineMs: 0 });
    await this.#data[Symbol.asyncDispose]();
  }
}
