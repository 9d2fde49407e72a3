/**
 * Deploy: ask for the module by its hash, send it only where it is missing, then deploy by hash.
 *
 * The component is sent in chunks of 1 MiB, each when the connection has taken the one before, so that the
 * memory in use does not grow with a slow node.
 */
import { createHash } from 'node:crypto';
import { CacheResult, toManifestMessage } from '@plexspaces/proto';
import type { ApplicationManifest, DeepPartial, Duration, UploadModuleRequest } from '@plexspaces/proto';
import { PlexSpacesError } from '@plexspaces/core';
import { refused, statusName } from './applications.ts';
import type { CallOptions } from './options.ts';
import { stubOptions } from './stubs.ts';
import type { StubCallOptions, Stubs } from './stubs.ts';

const CHUNK_BYTES = 1024 * 1024;
/** For each of the steps: a large component on a busy machine takes longer than an ordinary call. */
const DEPLOY_DEADLINE_MS = 120_000;

export interface DeployRequest {
  /** 1-128 characters of `[A-Za-z0-9_.-]`; the key under which it is undeployed. */
  readonly name: string;
  readonly version: string;
  /** The WebAssembly component. */
  readonly component: Uint8Array;
  readonly description?: string | undefined;
  readonly manifest?: ApplicationManifest | undefined;
  /** The guest's environment. */
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** Handed to the guest's `init`. */
  readonly initialState?: Uint8Array | undefined;
}

export interface DeployOptions extends CallOptions {
  /** 120,000 by default, for each step of the deploy. */
  readonly deadlineMs?: number | undefined;
  /** Called while the component is sent; not at all where the node already holds it. */
  readonly onProgress?: ((sentBytes: number, totalBytes: number) => void) | undefined;
}

export interface DeployResult {
  readonly applicationId: string;
  readonly name: string;
  readonly version: string;
  readonly status: string;
  /** sha256 of the component. */
  readonly moduleHash: string;
  /** `hit`: the node had stored and translated this component before. */
  readonly cache: 'hit' | 'miss';
  /** As the node measured it, without the upload. */
  readonly elapsedMs: number;
}

export async function deploy(stubs: Stubs, request: DeployRequest, options: DeployOptions): Promise<DeployResult> {
  const call = stubOptions(options, DEPLOY_DEADLINE_MS);
  const hash = createHash('sha256').update(request.component).digest('hex');
  const { present } = await stubs.modules.hasModule({ hash }, call);
  if (!present) await upload(stubs, hash, request.component, options, call);
  return deployByHash(stubs, hash, request, call);
}

async function upload(
  { modules }: Stubs,
  hash: string,
  component: Uint8Array,
  { onProgress }: DeployOptions,
  call: StubCallOptions,
): Promise<void> {
  const stored = await modules.uploadModule(uploadParts(hash, component, onProgress), call);
  if (stored.hash === hash) return;
  const details = { expectedHash: hash, foundHash: stored.hash };
  throw new PlexSpacesError('DATA_LOSS', `upload: expected the node to store ${hash}, found ${stored.hash}`, {
    reason: 'HASH_MISMATCH',
    details,
  });
}

/** A part is asked for when the connection has taken the one before: only then is that one counted as sent. */
async function* uploadParts(
  hash: string,
  component: Uint8Array,
  onProgress: DeployOptions['onProgress'],
): AsyncGenerator<DeepPartial<UploadModuleRequest>, void, undefined> {
  const total = component.length;
  yield { part: { $case: 'header', value: { hash, sizeBytes: BigInt(total) } } };
  onProgress?.(0, total);
  for (let sent = 0; sent < total; sent += CHUNK_BYTES) {
    yield { part: { $case: 'chunk', value: component.subarray(sent, sent + CHUNK_BYTES) } };
    onProgress?.(Math.min(sent + CHUNK_BYTES, total), total);
  }
}

async function deployByHash(
  { applications }: Stubs,
  moduleHash: string,
  request: DeployRequest,
  call: StubCallOptions,
): Promise<DeployResult> {
  const { name, version } = request;
  const reply = await applications.deployApplication(
    {
      applicationId: name,
      name,
      version,
      wasmModule: { name, version, moduleHash, sizeBytes: BigInt(request.component.length) },
      config: { name, version, description: request.description ?? '', env: { ...request.env } },
      initialState: request.initialState ?? new Uint8Array(),
      ...(request.manifest && { manifest: toManifestMessage(request.manifest) }),
    },
    call,
  );
  if (!reply.success) throw refused(`deploy of ${name}`, reply.error);
  return {
    applicationId: reply.applicationId,
    name,
    version,
    status: statusName(reply.status),
    moduleHash: reply.moduleHash === '' ? moduleHash : reply.moduleHash,
    cache: reply.cache === CacheResult.CACHE_RESULT_HIT ? 'hit' : 'miss',
    elapsedMs: toMilliseconds(reply.elapsed),
  };
}

function toMilliseconds(duration: Duration | undefined): number {
  return duration === undefined ? 0 : Number(duration.seconds) * 1000 + duration.nanos / 1e6;
}
