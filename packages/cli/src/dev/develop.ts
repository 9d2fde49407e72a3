/**
 * Builds an application, deploys it, and does so again whenever its sources change.
 *
 * Owns the order of rounds. Does not own what a change is (watch-sources.ts) or the node.
 * V1. A change that comes during a build ends it: the next round begins with what is on the disk then.
 * V2. A round that fails is reported and ends nothing; what was deployed before stays, if it was the build that failed.
 * V3. A round begins after the signal of its change was made, so that no change is missed.
 */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import type { DeployRequest, PlexSpacesClient } from '@plexspaces/client';
import { PlexSpacesError } from '@plexspaces/core';
import { readApplication } from '../application-directory.ts';
import { buildComponent } from '../build/build.ts';
import type { DevEvent } from './events.ts';
import type { Changes } from './watch-sources.ts';

export interface DevelopOptions {
  readonly directory: string;
  readonly client: PlexSpacesClient;
  readonly changes: Changes;
  /** Each version begins without the state of the one before. */
  readonly isFresh: boolean;
  readonly report: (event: DevEvent) => void;
  /** Ends it. */
  readonly signal: AbortSignal;
}

/** Resolves when the signal is aborted. */
export async function develop(options: DevelopOptions): Promise<void> {
  const { changes, report, signal } = options;
  let deployed: string | undefined;
  while (!signal.aborted) {
    const over = AbortSignal.any([signal, changes.next()]); // V3
    try {
      deployed = await bringUp(options, deployed, over);
    } catch (thrown) {
      const error = PlexSpacesError.from(thrown);
      if (!over.aborted) report({ event: 'failed', error }); // V1, V2
    }
    if (!over.aborted) await once(over, 'abort');
  }
}

/** @returns what is deployed now, as `deployed` is to be given the next time. */
async function bringUp(options: DevelopOptions, deployed: string | undefined, over: AbortSignal): Promise<string> {
  const { directory, report } = options;
  const built = await buildComponent(directory, { signal: over });
  report({ event: 'built', built });
  const request = await readApplication(directory, {});
  const found = digest(request);
  if (found === deployed) report({ event: 'unchanged' });
  else await replace(options, request);
  return found;
}

/** A deployed application cannot be replaced by another version yet: it is undeployed, and its state stays. */
async function replace({ client, isFresh, report, signal }: DevelopOptions, request: DeployRequest): Promise<void> {
  const known = await client.list({ signal });
  if (known.some(({ applicationId }) => applicationId === request.name)) {
    await client.undeploy(request.name, { purge: isFresh, signal });
  }
  const result = await client.deploy(request, { signal });
  if (result.status === 'FAILED') {
    throw new PlexSpacesError('FAILED_PRECONDITION', `${request.name}: expected it to run, found it FAILED`);
  }
  report({ event: 'deployed', service: request.manifest?.service ?? request.name, result, isFresh });
}

function digest({ component, ...rest }: DeployRequest): string {
  return createHash('sha256').update(component).update(JSON.stringify(rest)).digest('hex');
}
