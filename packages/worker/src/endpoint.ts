/** A node MessagePort as comlink wants it; comlink's own adapter has no types under nodenext. */
import type { MessagePort } from 'node:worker_threads';
import type { Endpoint } from 'comlink';

type Listener = Parameters<Endpoint['addEventListener']>[1];

/** @param afterPost called behind each message that it sends. */
export function comlinkEndpoint(port: MessagePort, afterPost: () => void = () => undefined): Endpoint {
  const handlers = new Map<Listener, (data: unknown) => void>();
  return {
    // The control plane hands nothing over, so comlink's transfer list is always empty.
    postMessage: (message) => {
      port.postMessage(message);
      afterPost();
    },
    addEventListener: (_type, listener) => {
      const handler = (data: unknown): void => dispatch(listener, data);
      handlers.set(listener, handler);
      port.on('message', handler);
    },
    removeEventListener: (_type, listener) => {
      const handler = handlers.get(listener);
      if (handler !== undefined) port.off('message', handler);
      handlers.delete(listener);
    },
    start: () => port.start(),
  };
}

/** A MessageEvent would do, but for its first use Node loads 5 MiB of other things into each thread. */
function dispatch(listener: Listener, data: unknown): void {
  const event = Object.assign(new Event('message'), { data });
  if (typeof listener === 'function') listener(event);
  else listener.handleEvent(event);
}
