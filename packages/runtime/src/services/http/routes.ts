/** All routes over the node's services. */
import { ActorKind } from '@plexspaces/proto';
import type { GrpcServices } from '../grpc-server.ts';
import { applicationRoutes } from './application-routes.ts';
import { envelopeRoutes } from './envelope-routes.ts';
import { invokeRoutes } from './invoke-routes.ts';
import { openApiRoute } from './openapi.ts';
import type { DescribedService } from './openapi.ts';
import type { HttpCall, HttpRoute } from './route.ts';
import { tupleRoutes } from './tuple-routes.ts';

export function routesOf(services: GrpcServices): HttpRoute[] {
  const routes = [
    ...invokeRoutes(services),
    ...envelopeRoutes(services),
    ...tupleRoutes(services),
    ...applicationRoutes(services),
  ];
  return [...routes, openApiRoute(routes, (context) => deployedServices(services, context))];
}

async function deployedServices(
  { applications }: Pick<GrpcServices, 'applications'>,
  context: HttpCall['context'],
): Promise<DescribedService[]> {
  const { applications: all = [] } = await applications.listApplications({ statusFilter: undefined }, context);
  return all.map(({ service = '', kind }) => ({ service, isKeyed: kind === ActorKind.ACTOR_KIND_DURABLE }));
}
