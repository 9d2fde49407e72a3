/** The file of `--tokens`: who may do what with which token or certificate. Its contents are in no message. */
import { hash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { PlexSpacesError } from '@plexspaces/core';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { DEFAULT_TENANT } from '../tuplespace/space-name.ts';
import { RIGHTS } from './caller.ts';
import type { Right } from './caller.ts';
import type { CredentialEntry } from './credentials.ts';

/** One of `token`, `sha256` and `certificate` is there. */
interface EntryDocument {
  readonly name?: string;
  readonly tenant?: string;
  readonly allow: readonly Right[];
  readonly token?: string;
  /** Of the token, in hexadecimal. */
  readonly sha256?: string;
  /** A certificate's common name, or one of its alternative names. */
  readonly certificate?: string;
}

const MAX_FILE_BYTES = 1_048_576;
const MAX_ENTRIES = 1_000;
/** Of a file's mode: whoever is not its owner. */
const OTHERS = 0o077;

const SCHEMA = {
  type: 'object',
  required: ['tokens'],
  additionalProperties: false,
  properties: {
    tokens: {
      type: 'array',
      maxItems: MAX_ENTRIES,
      items: {
        type: 'object',
        required: ['allow'],
        additionalProperties: false,
        properties: {
          name: { type: 'string', minLength: 1, maxLength: 128 },
          tenant: { type: 'string', maxLength: 128, pattern: '^[A-Za-z0-9][A-Za-z0-9_.-]*$' },
          allow: { type: 'array', items: { enum: RIGHTS } },
          token: { type: 'string', maxLength: 1024, pattern: '^[!-~]{16,}$' },
          sha256: { type: 'string', pattern: '^[0-9a-f]{64}$' },
          certificate: { type: 'string', minLength: 1, maxLength: 256 },
        },
        oneOf: [{ required: ['token'] }, { required: ['sha256'] }, { required: ['certificate'] }],
      },
    },
  },
} as const;

const validate = new Ajv2020({ strictRequired: false }).compile<{ readonly tokens: readonly EntryDocument[] }>(SCHEMA);

/** @throws FAILED_PRECONDITION where others may read it; NOT_FOUND, INVALID_ARGUMENT. */
export async function readCredentials(path: string): Promise<CredentialEntry[]> {
  return parseCredentials(await read(path), path);
}

/** @throws INVALID_ARGUMENT saying where it is wrong, and nothing of what is there. */
export function parseCredentials(text: string, path: string): CredentialEntry[] {
  const document = parse(text, path);
  if (!validate(document)) {
    const [problem] = validate.errors ?? [];
    throw invalid(`${path}: $${(problem?.instancePath ?? '').replaceAll('/', '.')}: ${problem?.message ?? 'is wrong'}`);
  }
  const entries = document.tokens.map(entryOf);
  const shown = new Set(entries.map((entry) => shownText(entry)));
  if (shown.size === entries.length) return entries;
  throw invalid(`${path}: expected each token and certificate once, found one twice`);
}

async function read(path: string): Promise<string> {
  try {
    await using file = await open(path, 'r');
    const { mode, size } = await file.stat();
    if ((mode & OTHERS) !== 0) {
      const found = (mode & 0o777).toString(8);
      const expected = 'expected a file that only its owner may read (mode 0600)';
      throw new PlexSpacesError('FAILED_PRECONDITION', `${path}: ${expected}, found mode 0${found}`);
    }
    if (size > MAX_FILE_BYTES) throw invalid(`${path}: expected at most ${MAX_FILE_BYTES} bytes, found ${size}`);
    return await file.readFile('utf8');
  } catch (cause) {
    if (cause instanceof PlexSpacesError) throw cause;
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new PlexSpacesError('NOT_FOUND', `tokens: ${message}`, { cause });
  }
}

/** The parser's own message shows a piece of the text. */
function parse(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw invalid(`${path}: expected JSON, found something else`);
  }
}

function entryOf(
  { name, tenant = DEFAULT_TENANT, allow, token, sha256, certificate }: EntryDocument,
  index: number,
): CredentialEntry {
  const caller = { name: name ?? `tokens[${index}]`, tenant, allow: new Set(allow) };
  if (certificate !== undefined) return { shown: { by: 'certificate', name: certificate }, caller };
  const digest = sha256 === undefined ? hash('sha256', token ?? '', 'buffer') : Buffer.from(sha256, 'hex');
  return { shown: { by: 'token', sha256: digest }, caller };
}

function shownText({ shown }: CredentialEntry): string {
  return shown.by === 'token' ? shown.sha256.toString('hex') : `certificate ${shown.name}`;
}

function invalid(message: string): PlexSpacesError {
  return new PlexSpacesError('INVALID_ARGUMENT', message);
}
