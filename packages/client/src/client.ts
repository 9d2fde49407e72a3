/**
 * The client of one node: one connection, shared by all its calls.
 *
 * Every failure is a PlexSpacesError with a code of the closed set; every call ends, by its deadline at the latest.
 * Whoever connects closes: `await using client = await connect(…)`.
 */
import { setMaxListeners } from 'node:events';
import type { Channel } from 'nice-grpc';
import { createInspection } from './actors.ts';
import type { ActorInfo, Inspection, TakenCheckpoint } from './actors.ts';
import { createApplications } from './applications.ts';
import type { ApplicationChange, ApplicationInfo, Applications, StopOptions, UndeployOptions } from './applications.ts';
import { createBranching } from './branches.ts';
import type { Branching, ForkResult, RewindResult } from './branches.ts';
import type { StreamOptions } from './call-stream.ts';
import { openChannel } from './channel.ts';
import { describeService } from './description.ts';
import type { ServiceDescription } from './description.ts';
import { deploy } from './deploy.ts';
import type { DeployOptions, DeployRequest, DeployResult } from './deploy.ts';
import { invoke, tell } from './invoke.ts';
import type { InvokeOptions, InvokeReply, TellOptions } from './invoke.ts';
import { readJournal } from './journal.ts';
import type { JournalEntry, JournalOptions } from './journal.ts';
import { resolveConnectOptions } from './options.ts';
import type { CallOptions, ConnectOptions } from './options.ts';
import { readPool } from './pool.ts';
import type { PoolFigures } from './pool.ts';
import { createQuarantine } from './quarantine.ts';
import type { Quarantine } from './quarantine.ts';
import { openStream } from './stream.ts';
import type { ActorStream } from './stream.ts';
import { createStubs } from './stubs.ts';
import type { Stubs } from './stubs.ts';
import { createTupleSpace } from './tuples.ts';
import type { TupleSpace } from './tuples.ts';

/**
 * @param address HOST:PORT of a node, e.g. `127.0.0.1:8000`.
 * @throws UNAVAILABLE where no node answers within the connect timeout, INVALID_ARGUMENT for bad options.
 */
export async function connect(address: string, options: ConnectOptions = {}): Promise<PlexSpacesClient> {
  const resolved = resolveConnectOptions(address, options);
  const channel = await openChannel(resolved);
  const closing = new AbortController();
  setMaxListeners(0, closing.signal); // one for each call in flight
  return new PlexSpacesClient(channel, createStubs(channel, resolved, closing.signal), resolved.deadlineMs, closing);
}

/** Made by connect(). */
export class PlexSpacesClient implements AsyncDisposable {
  /** The node's tuple space. */
  readonly tuples: TupleSpace;
  /** Messages that were put aside because they kept ending their actors. */
  readonly quarantine: Quarantine;
  readonly #applications: Applications;
  readonly #branching: Branching;
  readonly #inspection: Inspection;
  readonly #channel: Channel;
  readonly #closing: AbortController;
  readonly #deadlineMs: number;
  readonly #stubs: Stubs;

  constructor(channel: Channel, stubs: Stubs, deadlineMs: number, closing: AbortController) {
    this.#channel = channel;
    this.#closing = closing;
    this.#stubs = stubs;
    this.#deadlineMs = deadlineMs;
    this.#applications = createApplications(stubs, deadlineMs);
    this.#branching = createBranching(stubs);
    this.#inspection = createInspection(stubs, deadlineMs);
    this.tuples = createTupleSpace(stubs, deadlineMs);
    this.quarantine = createQuarantine(stubs, deadlineMs);
  }

  /** Sends the component where the node does not hold it, and makes it run under the application's name. */
  deploy(request: DeployRequest, options: DeployOptions = {}): Promise<DeployResult> {
    return deploy(this.#stubs, request, options);
  }

  /** Stops the application and forgets it; the state of its actors stays unless `purge` is set. */
  undeploy(applicationId: string, options: UndeployOptions = {}): Promise<void> {
    return this.#applications.undeploy(applicationId, options);
  }

  list(options: CallOptions = {}): Promise<ApplicationInfo[]> {
    return this.#applications.list(options);
  }

  /** @throws NOT_FOUND */
  status(applicationId: string, options: CallOptions = {}): Promise<ApplicationInfo> {
    return this.#applications.status(applicationId, options);
  }

  start(applicationId: string, options: CallOptions = {}): Promise<ApplicationChange> {
    return this.#applications.start(applicationId, options);
  }

  /** Running calls finish, new ones are refused; it stays deployed. */
  stop(applicationId: string, options: StopOptions = {}): Promise<ApplicationChange> {
    return this.#applications.stop(applicationId, options);
  }

  /**
   * Calls an actor and gives its reply: the parsed JSON, or the bytes where they are none.
   *
   * @param address `service` or `service/key`.
   * @param input a JSON value, or bytes that are sent as they are.
   * @throws EXECUTION_ERROR where the guest itself says no.
   */
  async invoke(address: string, method: string, input: unknown = {}, options: InvokeOptions = {}): Promise<unknown> {
    const { value } = await this.call(address, method, input, options);
    return value;
  }

  /** As invoke, with all that came back. */
  call(address: string, method: string, input: unknown = {}, options: InvokeOptions = {}): Promise<InvokeReply> {
    const deadlineMs = options.deadlineMs ?? this.#deadlineMs;
    return invoke(this.#stubs, address, method, input, { ...options, deadlineMs });
  }

  /**
   * Sends an actor a message for its `handle-message` and waits for no reply. One for a durable actor cannot be lost
   * any more when this resolves, and is handled once.
   *
   * @param address `service` or `service/key`.
   * @param input a JSON value, or bytes that are sent as they are.
   * @throws NOT_FOUND, RESOURCE_EXHAUSTED where too much waits for the actor.
   */
  tell(address: string, messageType: string, input: unknown = {}, options: TellOptions = {}): Promise<void> {
    const deadlineMs = options.deadlineMs ?? this.#deadlineMs;
    return tell(this.#stubs, address, messageType, input, { ...options, deadlineMs });
  }

  /** What a service says of itself. @throws NOT_FOUND where it was deployed without a description. */
  describe(service: string, options: CallOptions = {}): Promise<ServiceDescription> {
    return describeService(this.#stubs, service, options, this.#deadlineMs);
  }

  /**
   * A stream for many calls in flight: those of one turn of the event loop travel together. It ends with `close`, with
   * the client, and where the connection breaks; it is not opened again by itself.
   */
  stream(options: StreamOptions = {}): ActorStream {
    return openStream(this.#stubs, options, this.#deadlineMs);
  }

  /** The worker pool of an application at this moment. */
  pool(applicationId: string, options: CallOptions = {}): Promise<PoolFigures> {
    return readPool(this.#stubs, applicationId, options, this.#deadlineMs);
  }

  /** The actors of an application, or of all. No guest runs for it. @throws NOT_FOUND */
  actors(applicationId?: string, options: CallOptions = {}): Promise<ActorInfo[]> {
    return this.#inspection.actors(applicationId ?? '', options);
  }

  /** Takes a snapshot of a durable actor now. @throws NOT_FOUND, FAILED_PRECONDITION with what refuses it. */
  checkpoint(address: string, options: CallOptions = {}): Promise<TakenCheckpoint> {
    return this.#inspection.checkpoint(address, options);
  }

  /** What a durable actor's journal holds, oldest first, as fast as it is read. @throws NOT_FOUND, FAILED_PRECONDITION */
  journal(address: string, options: JournalOptions = {}): AsyncIterable<JournalEntry> {
    return readJournal(this.#stubs, address, options);
  }

  /**
   * Takes a durable actor back to its state behind message `toSequence`. What it kept is copied to another key before;
   * what the cut messages did outside the actor stands.
   * @throws NOT_FOUND, OUT_OF_RANGE where snapshots and journal do not reach, FAILED_PRECONDITION.
   */
  rewind(address: string, toSequence: number, options: CallOptions = {}): Promise<RewindResult> {
    return this.#branching.rewind(address, toSequence, options);
  }

  /**
   * Makes another actor with the state that a durable actor had behind message `atSequence`.
   * @param newKey a key of the same service, or an address of it. @throws ALREADY_EXISTS; else as rewind.
   */
  fork(address: string, atSequence: number, newKey: string, options: CallOptions = {}): Promise<ForkResult> {
    return this.#branching.fork(address, atSequence, newKey, options);
  }

  /** Calls in flight end in CANCELLED: a channel that closes would let them run on. */
  close(): void {
    this.#closing.abort();
    this.#channel.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
  }
}
