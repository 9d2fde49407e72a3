/** PoolService: the figures of an application's workers. */
import { parseApplicationId, PlexSpacesError } from '@plexspaces/core';
import type { PoolServiceImplementation } from '@plexspaces/proto';
import type { Applications } from '../actors/applications.ts';
import type { CallerContext } from './caller.ts';

export function createPoolService(applications: Applications): PoolServiceImplementation<CallerContext> {
  return {
    getPool: async ({ applicationId }, { caller }) => {
      const application = applications.of(caller.tenant).get(parseApplicationId(applicationId));
      const stats = application.stats();
      if (stats === undefined) {
        throw new PlexSpacesError(
          'FAILED_PRECONDITION',
          `application ${applicationId} is ${application.status}, not RUNNING`,
        );
      }
      const { completed, failed, replaced, renewed: _renewed, ...gauges } = stats;
      return { ...gauges, completed: BigInt(completed), failed: BigInt(failed), replaced: BigInt(replaced) };
    },
  };
}
