/** All routes over the node's services. */
import type { GrpcServices } from '../grpc-server.ts';
import { applicationRoutes } from './application-routes.ts';
import { envelopeRoutes } from './envelope-routes.ts';
import { invokeRoutes } from './invoke-routes.ts';
import { openApiRoute } from './openapi.ts';
import type { ServiceFacts } from './openapi.ts';
import type { HttpRoute } from './route.ts';
import { tupleRoutes } from './tuple-routes.ts';

export function routesOf(services: GrpcServices, servicesOf: (tenant: string) => readonly ServiceFacts[]): HttpRoute[] {
  const routes = [
    ...invokeRoutes(services),
    ...envelopeRoutes(services),
    ...tupleRoutes(services),
    ...applicationRoutes(services),
  ];
  return [...routes, openApiRoute(routes, servicesOf)];
}
