/**
 * prepared.json: what was made of a component, and by which version of what.
 *
 * The record carries its own checksum, so that a damaged one counts as none. A record of another format or
 * generator version counts as none, too: the component is then transpiled again.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { sha256 } from './content-files.ts';

export interface CoreModuleRecord {
  /** As the generated code asks for it. */
  readonly name: string;
  readonly hash: string;
  readonly byteLength: number;
}

export interface PreparedRecord {
  readonly component: string;
  /** Undefined: a plain core module, which is the one of `coreModules`. */
  readonly javascript?: string | undefined;
  readonly coreModules: readonly CoreModuleRecord[];
  readonly imports: readonly string[];
  readonly exports: readonly string[];
}

/** Rises when the screening, the generated code's treatment or this format changes. */
const FORMAT = 4;
const HASH = /^[0-9a-f]{64}$/;

/** What a record must have been made by; `unscreened` records are never taken for screened ones. */
export function recordStamp(unscreened: boolean): string {
  return `${FORMAT}/jco-transpile ${generatorVersion()}${unscreened ? '/unscreened' : ''}`;
}

export function encodeRecord(stamp: string, record: PreparedRecord): Uint8Array {
  const body = JSON.stringify(record);
  return Buffer.from(`${JSON.stringify({ stamp, checksum: checksum(stamp, body) })}\n${body}\n`);
}

/** The record, or undefined where the bytes are not one of this stamp. */
export function decodeRecord(stamp: string, bytes: Uint8Array): PreparedRecord | undefined {
  const [header, body, rest] = Buffer.from(bytes).toString('utf8').split('\n');
  if (header === undefined || body === undefined || rest !== '') return undefined;
  if (header !== JSON.stringify({ stamp, checksum: checksum(stamp, body) })) return undefined;
  const value: unknown = JSON.parse(body);
  return isRecord(value) ? value : undefined;
}

function checksum(stamp: string, body: string): string {
  return sha256(Buffer.from(`${stamp}\n${body}`));
}

function isRecord(value: unknown): value is PreparedRecord {
  return (
    isObject(value) &&
    isHash(value['component']) &&
    (value['javascript'] === undefined || isHash(value['javascript'])) &&
    isStrings(value['imports']) &&
    isStrings(value['exports']) &&
    Array.isArray(value['coreModules']) &&
    value['coreModules'].every(isCoreModule)
  );
}

function isCoreModule(value: unknown): boolean {
  return (
    isObject(value) &&
    typeof value['name'] === 'string' &&
    isHash(value['hash']) &&
    Number.isSafeInteger(value['byteLength'])
  );
}

function isStrings(value: unknown): boolean {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

function isHash(value: unknown): boolean {
  return typeof value === 'string' && HASH.test(value);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

let version: string | undefined;

function generatorVersion(): string {
  version ??= readGeneratorVersion();
  return version;
}

/** The package does not export its package.json; it lies above what it does export. */
function readGeneratorVersion(): string {
  const entry = import.meta.resolve('@bytecodealliance/jco-transpile/component');
  const manifest: unknown = JSON.parse(readFileSync(fileURLToPath(new URL('../package.json', entry)), 'utf8'));
  return isObject(manifest) ? String(manifest['version']) : 'unknown';
}
