/**
 * Services that forward each call to those of the moment: what a port was given once stays, while what answers
 * behind it is made anew.
 */
import type { GrpcServices } from './grpc-server.ts';

/**
 * @param first any services of the same methods, which are never called.
 * @param current asked at each call. Its throw is the call's answer.
 */
export function forwardServices(first: GrpcServices, current: () => GrpcServices): GrpcServices {
  return {
    applications: forward(first.applications, () => current().applications),
    actors: forward(first.actors, () => current().actors),
    tuples: forward(first.tuples, () => current().tuples),
    modules: forward(first.modules, () => current().modules),
    pools: forward(first.pools, () => current().pools),
  };
}

function forward<Service extends object>(first: Service, current: () => Service): Service {
  return new Proxy(first, {
    get(_first, name) {
      return (...call: readonly unknown[]): unknown => {
        const service = current();
        const method: unknown = Reflect.get(service, name);
        if (typeof method !== 'function') throw new TypeError(`a service has no method ${String(name)}`);
        return Reflect.apply(method, service, call);
      };
    },
  });
}
