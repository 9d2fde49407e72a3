/**
 * Services that forward each call to those of the moment: what a port was given once stays, while what answers
 * behind it is made anew. Nothing of an earlier one is held on to, so that its memory goes with it.
 */
import { expectRight } from './caller.ts';
import type { CallerContext, Right } from './caller.ts';
import type { GrpcServices } from './grpc-server.ts';

/**
 * What each of them needs of its caller stands here, so that both ports ask for the same. What a method shows of an
 * application is its tenant's alone, which the services see to.
 * @param current asked at each call. Its throw is the call's answer.
 */
export function forwardServices(current: () => GrpcServices): GrpcServices {
  const to = ({ caller }: CallerContext, right?: Right): GrpcServices => {
    expectRight(caller, right);
    return current();
  };
  return {
    applications: {
      deployApplication: (request, context) => to(context, 'deploy').applications.deployApplication(request, context),
      undeployApplication: (request, context) =>
        to(context, 'deploy').applications.undeployApplication(request, context),
      listApplications: (request, context) => to(context).applications.listApplications(request, context),
      getApplicationStatus: (request, context) => to(context).applications.getApplicationStatus(request, context),
      startApplication: (request, context) => to(context, 'deploy').applications.startApplication(request, context),
      stopApplication: (request, context) => to(context, 'deploy').applications.stopApplication(request, context),
    },
    actors: {
      invoke: (request, context) => to(context, 'invoke').actors.invoke(request, context),
      invokeStream: (request, context) => to(context, 'invoke').actors.invokeStream(request, context),
      tell: (request, context) => to(context, 'invoke').actors.tell(request, context),
      listActors: (request, context) => to(context).actors.listActors(request, context),
      getActor: (request, context) => to(context).actors.getActor(request, context),
      checkpoint: (request, context) => to(context, 'deploy').actors.checkpoint(request, context),
      readJournal: (request, context) => to(context, 'deploy').actors.readJournal(request, context),
      rewindActor: (request, context) => to(context, 'deploy').actors.rewindActor(request, context),
      forkActor: (request, context) => to(context, 'deploy').actors.forkActor(request, context),
      listQuarantined: (request, context) => to(context, 'deploy').actors.listQuarantined(request, context),
      retryQuarantined: (request, context) => to(context, 'deploy').actors.retryQuarantined(request, context),
      dropQuarantined: (request, context) => to(context, 'deploy').actors.dropQuarantined(request, context),
    },
    tuples: {
      write: (request, context) => to(context, 'tuples').tuples.write(request, context),
      renew: (request, context) => to(context, 'tuples').tuples.renew(request, context),
      read: (request, context) => to(context, 'tuples').tuples.read(request, context),
      take: (request, context) => to(context, 'tuples').tuples.take(request, context),
      readAll: (request, context) => to(context, 'tuples').tuples.readAll(request, context),
      count: (request, context) => to(context, 'tuples').tuples.count(request, context),
      compareAndSwap: (request, context) => to(context, 'tuples').tuples.compareAndSwap(request, context),
      subscribe: (request, context) => to(context, 'tuples').tuples.subscribe(request, context),
      stream: (frames, context) => to(context, 'tuples').tuples.stream(frames, context),
    },
    modules: {
      hasModule: (request, context) => to(context, 'deploy').modules.hasModule(request, context),
      uploadModule: (request, context) => to(context, 'deploy').modules.uploadModule(request, context),
    },
    pools: {
      getPool: (request, context) => to(context).pools.getPool(request, context),
    },
    descriptions: {
      describeService: (request, context) => to(context).descriptions.describeService(request, context),
    },
  };
}
