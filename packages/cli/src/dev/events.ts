/** What `plexspaces dev` tells: one line of text, or with --json one document, for each event. */
import type { DeployResult } from '@plexspaces/client';
import type { PlexSpacesError } from '@plexspaces/core';
import type { BuildResult } from '../build/build.ts';
import { summarise } from '../build/summary.ts';
import { printJson, printLine } from '../output.ts';
import { deployDocument, deployText, errorBody } from '../shapes.ts';

export type DevEvent =
  | { readonly event: 'ready'; readonly node: string; readonly data: string | undefined }
  | { readonly event: 'built'; readonly built: BuildResult }
  | { readonly event: 'deployed'; readonly service: string; readonly result: DeployResult; readonly isFresh: boolean }
  | { readonly event: 'unchanged' }
  /** A build or a deploy; the next change tries again. */
  | { readonly event: 'failed'; readonly error: PlexSpacesError }
  | { readonly event: 'stopped' };

export function printEvent(event: DevEvent, json: boolean): void {
  if (json) printJson(document(event));
  else printLine(text(event));
}

function document(event: DevEvent): object {
  switch (event.event) {
    case 'built':
      return { event: event.event, ...event.built };
    case 'deployed':
      return { event: event.event, service: event.service, state: stateOf(event), ...deployDocument(event.result) };
    case 'failed':
      return { event: event.event, error: errorBody(event.error) };
    case 'ready':
    case 'unchanged':
    case 'stopped':
      return event;
  }
}

function text(event: DevEvent): string {
  switch (event.event) {
    case 'ready':
      return event.data === undefined
        ? `node ${event.node}`
        : `node ${event.node}, its data in ${event.data}; Ctrl-C ends it`;
    case 'built':
      return `built ${summarise(event.built)}`;
    case 'deployed':
      return `${deployText(event.result)}; ${event.service}, state ${stateOf(event)}`;
    case 'unchanged':
      return 'nothing to deploy: all is as it was';
    case 'failed':
      return `${event.error.code}: ${printable(event.error.message)}\nwaiting for a change`;
    case 'stopped':
      return 'stopped';
  }
}

/** A compiler's words keep their lines; what could command a terminal is shown by its number. */
function printable(message: string): string {
  return message.replaceAll(
    /(?!\n|\t)\p{Cc}/gu,
    (control) => `\\u${control.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function stateOf({ isFresh }: { readonly isFresh: boolean }): string {
  return isFresh ? 'fresh' : 'kept';
}
