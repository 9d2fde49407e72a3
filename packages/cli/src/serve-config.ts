/** The file that `serve --config` reads: JSON with the same settings as the command line. */
import { readFile } from 'node:fs/promises';
import { PlexSpacesError } from '@plexspaces/core';
import type { SyncMode } from '@plexspaces/runtime';

export interface ServeSettings {
  readonly data: string;
  readonly grpc: string;
  readonly http: string;
  readonly id: string | undefined;
  /** The file of credentials. */
  readonly tokens: string | undefined;
  readonly tokensInClear: boolean | undefined;
  readonly tlsCert: string | undefined;
  readonly tlsKey: string | undefined;
  readonly tlsCa: string | undefined;
  /** Names with commas between them. */
  readonly httpHosts: string | undefined;
  /** When the log is synced to the disk; default `always`. */
  readonly sync: SyncMode | undefined;
  /** Of the sync mode `interval`. */
  readonly syncIntervalMs: number | undefined;
  /** Durable actors that are live at once; default 1,000. */
  readonly maxLiveActors: number | undefined;
  /** Worker threads of all applications; default 64. */
  readonly maxThreads: number | undefined;
  /** Replies of described services are checked as calls are; default `on`. */
  readonly checkReplies: 'on' | 'off' | undefined;
  /** Of each tuple space; defaults and ranges are the runtime's. */
  readonly spaceMaxTuples: number | undefined;
  readonly spaceMaxBytes: number | undefined;
  readonly spaceMaxWaiters: number | undefined;
  readonly spaceMaxSubscriptions: number | undefined;
  readonly spaceMaxWaitMs: number | undefined;
  readonly spaceSubscriptionBuffer: number | undefined;
}

const NUMBERS = [
  'syncIntervalMs',
  'maxLiveActors',
  'maxThreads',
  'spaceMaxTuples',
  'spaceMaxBytes',
  'spaceMaxWaiters',
  'spaceMaxSubscriptions',
  'spaceMaxWaitMs',
  'spaceSubscriptionBuffer',
];
const FLAGS = ['tokensInClear'];
const TEXTS = [
  'data',
  'grpc',
  'http',
  'id',
  'tokens',
  'tlsCert',
  'tlsKey',
  'tlsCa',
  'httpHosts',
  'sync',
  'checkReplies',
];
const KEYS = [...TEXTS, ...FLAGS, ...NUMBERS];
/** Those of @plexspaces/runtime, which only a node that starts should have to load. */
export const SYNC_MODES: readonly SyncMode[] = ['always', 'interval', 'never'];

export const REPLY_CHECKS: readonly string[] = ['on', 'off'];
const CHOICES: Readonly<Record<string, readonly string[]>> = { sync: SYNC_MODES, checkReplies: REPLY_CHECKS };

/** @throws NOT_FOUND or INVALID_ARGUMENT naming the file and what is wrong in it. */
export async function readServeConfig(path: string): Promise<Partial<ServeSettings>> {
  const parsed: unknown = parse(await read(path), path);
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    throw new PlexSpacesError('INVALID_ARGUMENT', `${path}: expected a JSON object`);
  }
  const settings = new Map(Object.entries(parsed).map(([key, value]) => [key, expectSetting(path, key, value)]));
  return Object.fromEntries<string | number | boolean>(settings);
}

async function read(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    const text = cause instanceof Error ? cause.message : String(cause);
    throw new PlexSpacesError('NOT_FOUND', `config: ${text}`, { cause });
  }
}

function parse(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const detail = cause instanceof Error ? cause.message : String(cause);
    throw new PlexSpacesError('INVALID_ARGUMENT', `${path}: expected JSON: ${detail}`, { cause });
  }
}

function expectSetting(path: string, key: string, value: unknown): string | number | boolean {
  if (!KEYS.includes(key)) {
    throw new PlexSpacesError(
      'INVALID_ARGUMENT',
      `${path}: unknown key ${JSON.stringify(key)}, expected ${KEYS.join(', ')}`,
    );
  }
  const type = typeOf(key);
  const isSetting = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
  if (!isSetting || typeof value !== type) {
    throw new PlexSpacesError('INVALID_ARGUMENT', `${path}: ${key}: expected a ${type}, found ${typeof value}`);
  }
  const choices = CHOICES[key];
  if (choices !== undefined && !choices.some((choice) => choice === value)) {
    const expected = choices.join(', ');
    throw new PlexSpacesError('INVALID_ARGUMENT', `${path}: ${key}: expected one of ${expected}, found ${value}`);
  }
  return value;
}

function typeOf(key: string): 'string' | 'number' | 'boolean' {
  if (FLAGS.includes(key)) return 'boolean';
  return NUMBERS.includes(key) ? 'number' : 'string';
}
