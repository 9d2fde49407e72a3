/** The JSON documents and the tables that the commands print. Their keys are a contract with scripts. */
import type { ApplicationInfo, DeployResult, InvokeReply, PoolFigures } from '@plexspaces/client';
import type { PlexSpacesError } from '@plexspaces/core';

export type ReplyBody = Pick<InvokeReply, 'value' | 'bytes'>;

export interface ErrorBody {
  readonly code: string;
  readonly message: string;
  readonly details: Readonly<Record<string, string>>;
}

export function errorBody(error: PlexSpacesError): ErrorBody {
  return { code: error.code, message: error.message, details: error.details };
}

export function errorDocument(error: PlexSpacesError): { readonly error: ErrorBody } {
  return { error: errorBody(error) };
}

/** `error` is there only where there is one. */
export function applicationsDocument(applications: readonly ApplicationInfo[]): object {
  return {
    applications: applications.map(({ applicationId, name, version, status, service, kind, moduleHash, error }) => ({
      applicationId,
      name,
      version,
      status,
      service,
      kind,
      moduleHash,
      ...(error !== undefined && { error }),
    })),
  };
}

export function applicationsTable(applications: readonly ApplicationInfo[]): string {
  if (applications.length === 0) return 'no applications';
  return table([
    ['NAME', 'VERSION', 'STATUS', 'KIND', 'SERVICE', 'MODULE'],
    ...applications.map((info) => [
      info.name,
      info.version,
      info.error === undefined ? info.status : `${info.status} (${info.error})`,
      info.kind ?? '-',
      info.service,
      shortHash(info.moduleHash),
    ]),
  ]);
}

export function deployDocument(result: DeployResult): object {
  const { applicationId, name, version, status, moduleHash, cache, elapsedMs } = result;
  return { applicationId, name, version, status, moduleHash, cache, elapsedMs: roundMs(elapsedMs) };
}

export function deployText(result: DeployResult): string {
  const module = `module ${shortHash(result.moduleHash)}, cache ${result.cache}`;
  return `deployed ${result.name} ${result.version}: ${result.status} (${module}, ${roundMs(result.elapsedMs)} ms)`;
}

export function poolDocument(pool: PoolFigures): object {
  const { min, max, total, active, idle, queued, blockedOnTuplespace, completed, failed, replaced } = pool;
  return { min, max, total, active, idle, queued, blockedOnTuplespace, completed, failed, replaced };
}

/** All of it in one line. */
export function poolLine(pool: PoolFigures): string {
  return Object.entries(poolDocument(pool))
    .map(([name, value]) => `${name}=${value}`)
    .join(' ');
}

export function poolText(pool: PoolFigures): string {
  return table(Object.entries(poolDocument(pool)).map(([name, value]) => [name, String(value)]));
}

/** The reply as the guest wrote it, with its own spelling of numbers; bytes that are no JSON as base64. */
export function outputText(reply: ReplyBody): string {
  if (reply.value === reply.bytes) return JSON.stringify({ base64: Buffer.from(reply.bytes).toString('base64') });
  const text = Buffer.from(reply.bytes).toString('utf8').trim();
  return /[\r\n]/.test(text) ? JSON.stringify(reply.value) : text;
}

/** One line of JSON, in which the reply keeps the guest's own spelling of numbers. */
export function invokeDocument(reply: ReplyBody, durationMs: number): string {
  return `{"success":true,"output":${outputText(reply)},"error":null,"durationMs":${roundMs(durationMs)}}`;
}

export function failedInvokeDocument(error: PlexSpacesError, durationMs: number): object {
  return { success: false, output: null, error: errorBody(error), durationMs: roundMs(durationMs) };
}

export function shortHash(hash: string): string {
  return hash.slice(0, 12);
}

function roundMs(milliseconds: number): number {
  return Math.round(milliseconds * 1000) / 1000;
}

export function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const lines = rows.map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  '));
  return lines.map((line) => line.trimEnd()).join('\n');
}
