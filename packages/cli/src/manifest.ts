/** From plexspaces.json and the command line's overrides to what the client deploys. */
import type { ActorKindName, ApplicationManifest } from '@plexspaces/client';
import type { ApplicationConfig } from '@plexspaces/runtime/config';

/** Given on the command line; each wins over the file. */
export interface DeployOverrides {
  readonly name?: string | undefined;
  readonly service?: string | undefined;
  readonly kind?: ActorKindName | undefined;
  readonly min?: number | undefined;
  readonly max?: number | undefined;
}

/** @param schema the text of the service description, which the file names by its path. */
export function toManifest(
  config: ApplicationConfig,
  overrides: DeployOverrides,
  schema: string | undefined,
): ApplicationManifest {
  return {
    service: overrides.service ?? config.service,
    kind: overrides.kind ?? config.kind,
    namespace: config.namespace,
    workers: toWorkers(config.workers, overrides),
    durability: config.durability,
    limits: config.limits,
    capabilities: config.capabilities,
    every: config.every,
    schema,
  };
}

/** Undefined where neither says anything: the node's defaults hold. */
function toWorkers(
  workers: ApplicationConfig['workers'],
  { min, max }: DeployOverrides,
): ApplicationManifest['workers'] {
  if (workers === undefined && min === undefined && max === undefined) return undefined;
  return { ...workers, ...(min !== undefined && { min }), ...(max !== undefined && { max }) };
}
