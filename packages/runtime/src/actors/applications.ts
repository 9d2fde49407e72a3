/**
 * The applications of the node: deployed, found by their id and by their service, kept over restarts.
 *
 * B1. An application id and a service id are held by one application, from before its deploy does anything.
 * B2. Whatever changes one application's life runs one after the other.
 * B3. A deploy that fails leaves nothing behind: no application, no record, no module that nobody else uses.
 */
import { isDeepStrictEqual } from 'node:util';
import { PlexSpacesError } from '@plexspaces/core';
import type { ActorAddress } from '@plexspaces/core';
import { ApplicationRecord, DesiredState } from '@plexspaces/proto';
import type { InboxRecord } from '@plexspaces/proto';
import { deleteApplication, putApplication } from '../store/application-records.ts';
import type { StoreOperation } from '../store/store.ts';
import type { ActorCall, DurableKeys } from './actor-host.ts';
import { Application } from './application.ts';
import type { ApplicationPorts } from './application.ts';
import { resolveSettings } from './application-settings.ts';
import type { ResolvedSettings } from './application-settings.ts';
import type { TakenCheckpoint } from './checkpoints.ts';
import { KeyedLock } from './keyed-lock.ts';
import { DEFAULT_TENANT } from '../tuplespace/space-name.ts';
import { TenantApplications } from './tenant-applications.ts';

export interface Deployment {
  readonly record: Omit<ApplicationRecord, 'deployedAt' | 'desiredState' | 'incarnation' | 'tenant'>;
  /** Whose it will be; `default` where nobody says. */
  readonly tenant?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface Deployed {
  readonly application: Application;
  readonly cache: 'hit' | 'miss';
}

/** Of a change to an application. */
export interface ChangeOptions {
  /** Who wants it; undefined: the node itself, to which all applications are known. */
  readonly tenant?: string | undefined;
}

const MAX_APPLICATIONS = 1_000;

export class Applications {
  readonly #ports: ApplicationPorts;
  readonly #byId = new Map<string, Application>();
  readonly #lock = new KeyedLock();
  #isClosing = false;

  constructor(ports: ApplicationPorts) {
    this.#ports = ports;
  }

  /** Registers what was deployed before; starts in the background what is to run. */
  restore(records: readonly ApplicationRecord[]): void {
    for (const record of records) {
      const settings = resolveSettings(record.name, record.manifest, record.tenant || DEFAULT_TENANT);
      const application = new Application(record, settings, this.#ports);
      this.#byId.set(record.applicationId, application);
      if (record.desiredState === DesiredState.DESIRED_STATE_STOPPED) application.stayStopped();
      else this.#lock.run(record.applicationId, () => application.start()).catch(() => undefined); // its state tells
    }
  }

  /** As a tenant sees them. */
  of(tenant: string): TenantApplications {
    return new TenantApplications(this, tenant);
  }

  list(): readonly Application[] {
    return [...this.#byId.values()];
  }

  /** @param tenant whose it has to be; undefined: anybody's. @throws NOT_FOUND. */
  get(applicationId: string, tenant?: string): Application {
    const found = this.#byId.get(applicationId);
    if (found !== undefined && isOf(found, tenant)) return found;
    throw new PlexSpacesError('NOT_FOUND', `no application is deployed as ${JSON.stringify(applicationId)}`);
  }

  /** @throws ALREADY_EXISTS, INVALID_ARGUMENT with the screening's reason, and what keeps it from running. */
  deploy(deployment: Deployment): Promise<Deployed> {
    return this.#lock.run(deployment.record.applicationId, () => this.#deploy(deployment));
  }

  async undeploy(
    applicationId: string,
    options: ChangeOptions & { purge: boolean; deadlineMs: number },
  ): Promise<void> {
    await this.#lock.run(applicationId, async () => {
      const application = this.get(applicationId, options.tenant);
      const { service } = application.settings;
      await application.stop(options);
      this.#ports.serviceLife.forget(service, options);
      await this.#ports.writer.stored(this.#ports.writer.lsn); // a purge finds what is in the store
      const kept = options.purge ? await this.#purge(service) : [];
      this.#ports.writer.append([deleteApplication(applicationId), ...kept]);
      this.#byId.delete(applicationId);
    });
  }

  start(applicationId: string, { tenant }: ChangeOptions = {}): Promise<Application> {
    return this.#lock.run(applicationId, async () => {
      const application = this.get(applicationId, tenant);
      await this.#startAgain(application);
      return application;
    });
  }

  stop(applicationId: string, options: ChangeOptions & { deadlineMs: number }): Promise<Application> {
    return this.#lock.run(applicationId, async () => {
      const application = this.get(applicationId, options.tenant);
      await application.stop(options);
      this.#ports.writer.append([putApplication(application.desire(DesiredState.DESIRED_STATE_STOPPED))]);
      return application;
    });
  }

  /** @throws NOT_FOUND where no application serves the address, UNAVAILABLE while the node closes. */
  async invoke(address: ActorAddress, call: Omit<ActorCall, 'key'>): Promise<Uint8Array> {
    return await this.#admit(address).invoke(address, call);
  }

  /** As Application.deliver. @throws NOT_FOUND where no application serves it, UNAVAILABLE while the node closes. */
  deliver(address: ActorAddress, message: InboxRecord): readonly StoreOperation[] {
    return this.#admit(address).deliver(address, message);
  }

  /** @throws NOT_FOUND, UNAVAILABLE while the node closes, FAILED_PRECONDITION with what refuses it. */
  async checkpoint(address: ActorAddress, signal: AbortSignal): Promise<TakenCheckpoint> {
    return this.#admit(address).checkpoint(address, signal);
  }

  /** As Application.durable. @throws NOT_FOUND, UNAVAILABLE while the node closes, FAILED_PRECONDITION. */
  async durable(what: string, address: ActorAddress): Promise<DurableKeys> {
    return this.#admit(address).durable(what, address);
  }

  /** @param tenant whose it has to be; undefined: anybody's. @throws NOT_FOUND where no application serves it. */
  serving(service: string, tenant?: string): Application {
    const found = this.list().find(({ settings }) => settings.service === service);
    if (found !== undefined && isOf(found, tenant)) return found;
    throw new PlexSpacesError('NOT_FOUND', `no application serves ${service}`);
  }

  /** Refuses new calls and lets those that run finish until the deadline. */
  async close(options: { deadlineMs: number }): Promise<void> {
    this.#isClosing = true;
    const stop = (application: Application): Promise<void> =>
      this.#lock.run(application.record.applicationId, () => application.stop(options));
    await Promise.allSettled(this.list().map(stop));
  }

  /** Who serves it, where anything new may begin. */
  #admit({ service }: ActorAddress): Application {
    this.#expectOpen();
    const application = this.serving(service);
    this.#ports.writer.expectRoom();
    return application;
  }

  async #deploy(deployment: Deployment): Promise<Deployed> {
    try {
      return await this.#deployChecked(deployment);
    } catch (thrown) {
      await this.#removeUnused(deployment.record.moduleHash); // B3
      throw thrown;
    }
  }

  async #deployChecked({ record, tenant = DEFAULT_TENANT, signal }: Deployment): Promise<Deployed> {
    this.#expectOpen();
    const settings = resolveSettings(record.name, record.manifest, tenant);
    const existing = this.#byId.get(record.applicationId);
    if (existing !== undefined) return this.#deployAgain(existing, record, tenant);
    this.#expectFree(record.applicationId, settings);
    const full: ApplicationRecord = {
      ...record,
      tenant: tenant === DEFAULT_TENANT ? '' : tenant,
      deployedAt: new Date(),
      desiredState: DesiredState.DESIRED_STATE_RUNNING,
      incarnation: 1n,
    };
    const application = new Application(full, settings, this.#ports);
    void application.description; // refused before anything is made of it
    this.#byId.set(record.applicationId, application); // B1
    try {
      const owned = await this.#own(settings);
      const { component, cache } = await this.#ports.components.prepare(record.moduleHash, signal ? { signal } : {});
      await application.start(component);
      this.#ports.writer.append([putApplication(full), ...owned]);
      return { application, cache };
    } catch (thrown) {
      await application.stop({ deadlineMs: 0 }); // it may run: its record is what failed
      this.#ports.serviceLife.forget(settings.service, { purge: false });
      this.#byId.delete(record.applicationId); // B3
      throw thrown;
    }
  }

  /** The same again is no change; anything else under the same name is an upgrade, which is not served yet. */
  async #deployAgain(existing: Application, record: Deployment['record'], wanted: string): Promise<Deployed> {
    if (!isOf(existing, wanted)) throw taken(`application ${record.applicationId}`);
    const { deployedAt, desiredState, incarnation, tenant } = existing.record;
    if (!sameRecord(existing.record, { ...record, deployedAt, desiredState, incarnation, tenant })) {
      throw new PlexSpacesError(
        'ALREADY_EXISTS',
        `application ${record.applicationId} is deployed with module ${existing.record.moduleHash}, version ` +
          `${existing.record.version}: undeploy it before another module or other settings are deployed under its name`,
      );
    }
    await this.#startAgain(existing);
    return { application: existing, cache: 'hit' };
  }

  async #startAgain(application: Application): Promise<void> {
    this.#expectOpen();
    await application.start();
    this.#ports.writer.append([putApplication(application.desire(DesiredState.DESIRED_STATE_RUNNING))]);
  }

  #expectOpen(): void {
    if (this.#isClosing) throw new PlexSpacesError('UNAVAILABLE', 'the node is shutting down');
  }

  #expectFree(applicationId: string, { service, tenant }: ResolvedSettings): void {
    const owner = this.list().find((other) => other.settings.service === service);
    if (owner !== undefined && !isOf(owner, tenant)) throw taken(`service ${service}`);
    if (owner !== undefined) {
      const { applicationId: other } = owner.record;
      throw new PlexSpacesError(
        'ALREADY_EXISTS',
        `application ${applicationId}: service ${service} is served by ${other}`,
      );
    }
    if (this.#byId.size < MAX_APPLICATIONS) return;
    throw new PlexSpacesError(
      'RESOURCE_EXHAUSTED',
      `expected at most ${MAX_APPLICATIONS} applications, found one more`,
    );
  }

  /**
   * What an application before kept under the service id is its tenant's. @returns what makes it this one's.
   * @throws ALREADY_EXISTS
   */
  async #own({ service, tenant }: ResolvedSettings): Promise<StoreOperation[]> {
    const { owners, writer } = this.#ports;
    await writer.stored(writer.lsn); // it is the store that is asked
    const owner = await owners.find(service, DEFAULT_TENANT);
    if (owner !== undefined && owner !== tenant) throw taken(`service ${service}`);
    return tenant === DEFAULT_TENANT ? [] : [owners.put(service, tenant)];
  }

  async #purge(service: string): Promise<StoreOperation[]> {
    return [...(await this.#ports.journal.purge(service)), this.#ports.owners.delete(service)];
  }

  async #removeUnused(moduleHash: string): Promise<void> {
    const isShared = this.list().some((other) => other.record.moduleHash === moduleHash);
    if (!isShared) await this.#ports.components.remove(moduleHash);
  }
}

function isOf({ settings }: Application, tenant: string | undefined): boolean {
  return tenant === undefined || settings.tenant === tenant;
}

/** Ids are the node's, so that another tenant's is told of; by nothing but that it is not free. */
function taken(what: string): PlexSpacesError {
  return new PlexSpacesError('ALREADY_EXISTS', `${what}: expected an id that is free, found it taken`);
}

/** The order in which a map's entries came says nothing, so that bytes alone do not tell. */
function sameRecord(a: ApplicationRecord, b: ApplicationRecord): boolean {
  const [plainA, plainB] = [a, b].map((record) => ApplicationRecord.decode(ApplicationRecord.encode(record).finish()));
  return isDeepStrictEqual(plainA, plainB);
}
