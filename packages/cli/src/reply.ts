/** What commands that run a guest print: its reply, or with --json one document for success and failure alike. */
import { PlexSpacesError } from '@plexspaces/core';
import { printJson, printLine, reportFailure } from './output.ts';
import { failedInvokeDocument, invokeDocument, outputText } from './shapes.ts';
import type { ReplyBody } from './shapes.ts';

export async function printReply(call: () => Promise<ReplyBody>, json: boolean): Promise<void> {
  const started = performance.now();
  try {
    const reply = await call();
    printLine(json ? invokeDocument(reply, performance.now() - started) : outputText(reply));
  } catch (thrown) {
    const error = PlexSpacesError.from(thrown);
    if (json) printJson(failedInvokeDocument(error, performance.now() - started));
    reportFailure(error);
  }
}
