/**
 * What componentize-py wrote when it failed, as an error that tells the author what to mend.
 *
 * Its output is a traceback of the tool, the guest's traceback within it (the staged wrapper at /0, the author's
 * directory at /1, the standard library at /python) and a chain of causes.
 */
import { basename } from 'node:path';
import { PlexSpacesError } from '@plexspaces/core';
import type { Source } from '../language.ts';

const CAUSES = '\nCaused by:\n';
const AUTHOR_FRAME = '  File "/1/';
const HOST_CALL = /called trapping stub: plexspaces:actor\/host@[\d.]+#([a-z-]+)/;
const EXIT = /Exited with i32 exit status/;
const NOT_AN_ACTOR = /^\s*(?:plexspaces\.component\.)?NotAnActor: (.+)$/m;
const PYTHON_ERROR = /^\s*([A-Za-z_][\w.]*(?:: .*)?)$/;

export function explainFailure(output: string, source: Source): PlexSpacesError {
  const file = basename(source.path);
  const [trace = '', causes = ''] = splitLast(output, CAUSES);
  const hostCall = HOST_CALL.exec(output)?.[1];
  if (hostCall !== undefined) {
    return refuse(
      file,
      `${hostCall} was called while the module was imported; the host can be called from init and handlers only`,
    );
  }
  if (EXIT.test(causes)) return refuse(file, 'it ended the process while it was imported (sys.exit)');
  const notAnActor = NOT_AN_ACTOR.exec(output)?.[1];
  if (notAnActor !== undefined) return refuse(file, notAnActor);
  const reason = PYTHON_ERROR.exec(causes.trimEnd().split('\n')[0] ?? '')?.[1];
  const frames = authorFrames(trace);
  if (reason !== undefined && frames !== '') return refuse(file, `${reason}\n${frames}`);
  return new PlexSpacesError('INTERNAL', `componentize-py failed on ${file}: ${reason ?? lastLines(output)}`);
}

function refuse(file: string, why: string): PlexSpacesError {
  return new PlexSpacesError('INVALID_ARGUMENT', `cannot build ${file}: ${why}`);
}

/** From the author's first frame to the end, as Python wrote it, with the paths as the author knows them. */
function authorFrames(trace: string): string {
  const start = trace.indexOf(AUTHOR_FRAME);
  return start < 0 ? '' : trace.slice(start).replaceAll(AUTHOR_FRAME, '  File "').trimEnd();
}

function lastLines(output: string): string {
  return output.trim().split('\n').slice(-3).join(' ').slice(0, 500) || 'it said nothing';
}

function splitLast(text: string, separator: string): string[] {
  const at = text.lastIndexOf(separator);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + separator.length)];
}
