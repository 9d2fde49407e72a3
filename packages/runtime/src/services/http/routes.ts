/** All routes over the node's services. */
import type { GrpcServices } from '../grpc-server.ts';
import { envelopeRoutes } from './envelope-routes.ts';
import { invokeRoutes } from './invoke-routes.ts';
import type { HttpRoute } from './route.ts';
import { tupleRoutes } from './tuple-routes.ts';

export function routesOf(services: GrpcServices): HttpRoute[] {
  return [...invokeRoutes(services), ...envelopeRoutes(services), ...tupleRoutes(services)];
}
