/** How a space is named: a namespace of a tenant. */

export interface SpaceName {
  readonly tenant: string;
  readonly namespace: string;
}

export const DEFAULT_TENANT = 'default';

/** Neither tenants nor namespaces have it in their names. */
const SEPARATOR = '/';

/** As one text, under which it is filed; of the default tenant the namespace alone. */
export function spaceOf({ tenant, namespace }: SpaceName): string {
  return tenant === DEFAULT_TENANT ? namespace : `${tenant}${SEPARATOR}${namespace}`;
}
