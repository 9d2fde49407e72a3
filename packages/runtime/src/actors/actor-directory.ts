/**
 * The node's actors, seen from outside: what the store keeps of durable ones, joined with what is live.
 *
 * It owns nothing and runs no guest. An actor may move on between two looks at it.
 */
import { DEFAULT_KEY, formatActorAddress, PlexSpacesError } from '@plexspaces/core';
import type { ActorAddress } from '@plexspaces/core';
import type { KeptActor, KeptActors } from '../store/kept-actors.ts';
import type { LogWriter } from '../store/log-writer.ts';
import type { DurableActorStatus } from './actor-host.ts';
import type { Application, Status } from './application.ts';
import type { Kind } from './application-settings.ts';
import type { Applications } from './applications.ts';

export interface ActorView {
  readonly address: ActorAddress;
  readonly applicationId: string;
  readonly kind: Kind;
  readonly status: DurableActorStatus['status'];
  /** Of the last message handled; durable actors only. */
  readonly sequence: bigint | undefined;
  readonly snapshotSequence: bigint | undefined;
  readonly stateHash: string | undefined;
  /** In the latest activation; undefined: no instance is live. */
  readonly replayed: number | undefined;
  readonly restarts: number;
  readonly error: string | undefined;
}

export interface ActorQuery {
  /** Undefined: of every application. */
  readonly applicationId?: string | undefined;
  /** Where the page before ended. */
  readonly after?: ActorAddress | undefined;
  readonly limit: number;
}

export interface ActorPage {
  readonly actors: readonly ActorView[];
  readonly isLast: boolean;
}

type KnownApplications = Pick<Applications, 'list' | 'get' | 'serving'>;

export class ActorDirectory {
  readonly #applications: KnownApplications;
  readonly #kept: KeptActors;
  readonly #writer: LogWriter;

  constructor(applications: KnownApplications, kept: KeptActors, writer: LogWriter) {
    this.#applications = applications;
    this.#kept = kept;
    this.#writer = writer;
  }

  /** The same of these applications alone. */
  of(applications: KnownApplications): ActorDirectory {
    return new ActorDirectory(applications, this.#kept, this.#writer);
  }

  /** By service, and within it by key. @throws NOT_FOUND where the application is unknown. */
  async list({ applicationId, after, limit }: ActorQuery): Promise<ActorPage> {
    await this.#writer.stored(this.#writer.lsn); // it is the store that is asked
    const all = applicationId === undefined ? this.#applications.list() : [this.#applications.get(applicationId)];
    const actors: ActorView[] = [];
    for await (const [application, address] of this.#addresses(all, after)) {
      if (actors.length === limit) return { actors, isLast: false };
      const view = await this.#view(application, address);
      if (view !== undefined) actors.push(view);
    }
    return { actors, isLast: true };
  }

  /** @throws NOT_FOUND where no application serves it, or nothing was ever asked of that key. */
  async get(address: ActorAddress): Promise<ActorView> {
    await this.#writer.stored(this.#writer.lsn);
    const application = this.#applications.serving(address.service);
    const view = await this.#view(application, address);
    if (view !== undefined) return view;
    throw new PlexSpacesError('NOT_FOUND', `there is no actor ${formatActorAddress(address)}`);
  }

  async *#addresses(
    applications: readonly Application[],
    after: ActorAddress | undefined,
  ): AsyncGenerator<[Application, ActorAddress]> {
    for (const application of applications.toSorted(byService)) {
      const { service, isDurable } = application.settings;
      if (after !== undefined && service < after.service) continue;
      const afterKey = service === after?.service ? after.key : undefined;
      if (isDurable) {
        for await (const key of this.#kept.keys(service, afterKey)) yield [application, { service, key }];
      } else if (afterKey === undefined) {
        yield [application, { service, key: DEFAULT_KEY }];
      }
    }
  }

  async #view(application: Application, address: ActorAddress): Promise<ActorView | undefined> {
    if (!application.settings.isDurable) {
      return address.key === DEFAULT_KEY ? undurableView(application, address) : undefined;
    }
    const durable = application.host?.durable;
    const live = durable?.statusOf(address.key);
    // What a live instance knows saves reading its snapshots.
    const kept = live?.sequence === undefined ? await this.#kept.find(address) : undefined;
    if (kept === undefined && live?.sequence === undefined) return undefined;
    const restarts = durable?.restartsOf(address.key) ?? 0;
    return { ...ownerOf(application, address), ...durableFacts(live, kept), restarts };
  }
}

function byService(a: Application, b: Application): number {
  return a.settings.service < b.settings.service ? -1 : 1;
}

function ownerOf(
  application: Application,
  address: ActorAddress,
): Pick<ActorView, 'address' | 'applicationId' | 'kind'> {
  return { address, applicationId: application.record.applicationId, kind: application.settings.kind };
}

function durableFacts(
  live: DurableActorStatus | undefined,
  kept: KeptActor | undefined,
): Omit<ActorView, 'address' | 'applicationId' | 'kind' | 'restarts'> {
  const { sequence, snapshotSequence, stateHash } = kept ?? live ?? NOTHING;
  const error = live?.failure ?? live?.refusal ?? kept?.error;
  return { status: live?.status ?? 'passive', sequence, snapshotSequence, stateHash, replayed: live?.replayed, error };
}

const NOTHING = { sequence: undefined, snapshotSequence: undefined, stateHash: undefined } as const;

const STATUS_IN: Readonly<Record<Status, ActorView['status']>> = {
  LOADING: 'passive',
  STARTING: 'recovering',
  RUNNING: 'active',
  STOPPING: 'active',
  STOPPED: 'passive',
  FAILED: 'failed',
};

/** A service and a singleton count as one actor each, which lives as long as the application runs. */
function undurableView(application: Application, address: ActorAddress): ActorView {
  return {
    ...ownerOf(application, address),
    ...NOTHING,
    status: STATUS_IN[application.status],
    replayed: undefined,
    restarts: application.stats()?.replaced ?? 0,
    error: application.error?.message,
  };
}
