/**
 * Services that forward each call to those of the moment: what a port was given once stays, while what answers
 * behind it is made anew. Nothing of an earlier one is held on to, so that its memory goes with it.
 */
import type { GrpcServices } from './grpc-server.ts';

/** @param current asked at each call. Its throw is the call's answer. */
export function forwardServices(current: () => GrpcServices): GrpcServices {
  return {
    applications: {
      deployApplication: (request, context) => current().applications.deployApplication(request, context),
      undeployApplication: (request, context) => current().applications.undeployApplication(request, context),
      listApplications: (request, context) => current().applications.listApplications(request, context),
      getApplicationStatus: (request, context) => current().applications.getApplicationStatus(request, context),
      startApplication: (request, context) => current().applications.startApplication(request, context),
      stopApplication: (request, context) => current().applications.stopApplication(request, context),
    },
    actors: {
      invoke: (request, context) => current().actors.invoke(request, context),
      invokeStream: (request, context) => current().actors.invokeStream(request, context),
      tell: (request, context) => current().actors.tell(request, context),
      listActors: (request, context) => current().actors.listActors(request, context),
      getActor: (request, context) => current().actors.getActor(request, context),
      checkpoint: (request, context) => current().actors.checkpoint(request, context),
      readJournal: (request, context) => current().actors.readJournal(request, context),
      rewindActor: (request, context) => current().actors.rewindActor(request, context),
      forkActor: (request, context) => current().actors.forkActor(request, context),
      listQuarantined: (request, context) => current().actors.listQuarantined(request, context),
      retryQuarantined: (request, context) => current().actors.retryQuarantined(request, context),
      dropQuarantined: (request, context) => current().actors.dropQuarantined(request, context),
    },
    tuples: {
      write: (request, context) => current().tuples.write(request, context),
      renew: (request, context) => current().tuples.renew(request, context),
      read: (request, context) => current().tuples.read(request, context),
      take: (request, context) => current().tuples.take(request, context),
      readAll: (request, context) => current().tuples.readAll(request, context),
      count: (request, context) => current().tuples.count(request, context),
      compareAndSwap: (request, context) => current().tuples.compareAndSwap(request, context),
      subscribe: (request, context) => current().tuples.subscribe(request, context),
    },
    modules: {
      hasModule: (request, context) => current().modules.hasModule(request, context),
      uploadModule: (request, context) => current().modules.uploadModule(request, context),
    },
    pools: {
      getPool: (request, context) => current().pools.getPool(request, context),
    },
    descriptions: {
      describeService: (request, context) => current().descriptions.describeService(request, context),
    },
  };
}
