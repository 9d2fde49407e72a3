/** What leaves the command: answers on stdout, one line for a failure on stderr. */
import type { PlexSpacesError } from '@plexspaces/core';

/** A command's answer in both its forms. */
export interface Answer {
  readonly text: string;
  /** For --json. */
  readonly document: object;
}

export function printAnswer(answer: Answer, json: boolean): void {
  if (json) printJson(answer.document);
  else printLine(answer.text);
}

export function printJson(document: object): void {
  printLine(JSON.stringify(document));
}

export function printLine(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** One line on stderr, whatever the message holds, and an exit code that is not 0. */
export function reportFailure(error: PlexSpacesError): void {
  process.stderr.write(`plexspaces: ${error.code}: ${oneLine(error.message)}\n`);
  process.exitCode = 1;
}

/** Line breaks become spaces; other control characters, which could command a terminal, are shown by their number. */
export function oneLine(text: string): string {
  const joined = text.trim().replaceAll(/\s*[\r\n]+\s*/g, ' ');
  return joined.replaceAll(/\p{Cc}/gu, (control) => `\\u${control.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
