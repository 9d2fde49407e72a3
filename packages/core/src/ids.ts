/** Names and addresses: what they may look like, and how they are taken apart. */
import { PlexSpacesError } from './errors.ts';

const SERVICE_ID = /^[A-Za-z][A-Za-z0-9_-]*(\.[A-Za-z][A-Za-z0-9_-]*)*$/;
const APPLICATION_ID = /^[A-Za-z0-9][A-Za-z0-9_.-]*$/;
const NAMESPACE = /^[A-Za-z0-9][A-Za-z0-9_.-]*$/;
const MODULE_HASH = /^[0-9a-f]{64}$/;
const CONTROL = /\p{Cc}/u;

const MAX_NAME_LENGTH = 128;
/** In characters, which are not what a string's length counts. */
export const MAX_KEY_LENGTH = 256;

/** The key of a durable actor where none is given. */
export const DEFAULT_KEY = 'default';

/** A durable actor is `service/key`; for the other kinds the key is DEFAULT_KEY. */
export interface ActorAddress {
  readonly service: string;
  readonly key: string;
}

/** @throws INVALID_ARGUMENT unless segments of `[A-Za-z][A-Za-z0-9_-]*` are joined by dots. */
export function parseServiceId(text: string): string {
  return expectName(text, SERVICE_ID, 'service id', 'segments of [A-Za-z][A-Za-z0-9_-]* joined by dots');
}

/** @throws INVALID_ARGUMENT unless the text is 1-128 characters of `[A-Za-z0-9_.-]`. */
export function parseApplicationId(text: string): string {
  return expectName(text, APPLICATION_ID, 'application name', '[A-Za-z0-9][A-Za-z0-9_.-]*');
}

/** @throws INVALID_ARGUMENT unless the text is 1-128 characters of `[A-Za-z0-9_.-]`. */
export function parseNamespace(text: string): string {
  return expectName(text, NAMESPACE, 'namespace', '[A-Za-z0-9][A-Za-z0-9_.-]*');
}

/** @throws INVALID_ARGUMENT unless the text is a sha256 in lower-case hexadecimal. */
export function parseModuleHash(text: string): string {
  if (MODULE_HASH.test(text)) return text;
  throw new PlexSpacesError(
    'INVALID_ARGUMENT',
    `module hash: expected 64 lower-case hexadecimal digits, found ${quote(text)}`,
  );
}

/** The first `/` ends the service; a missing key is DEFAULT_KEY. */
export function parseActorAddress(text: string): ActorAddress {
  const slash = text.indexOf('/');
  if (slash < 0) return { service: parseServiceId(text), key: DEFAULT_KEY };
  const key = text.slice(slash + 1);
  const length = [...key].length;
  if (length < 1 || length > MAX_KEY_LENGTH || CONTROL.test(key) || !key.isWellFormed()) {
    throw new PlexSpacesError(
      'INVALID_ARGUMENT',
      `actor key: expected 1-${MAX_KEY_LENGTH} characters without control characters, found ${quote(key)}`,
    );
  }
  return { service: parseServiceId(text.slice(0, slash)), key };
}

export function formatActorAddress(address: ActorAddress): string {
  return `${address.service}/${address.key}`;
}

/** A value as it is shown in an error message: quoted, escaped and cut. */
export function quote(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text);
}

function expectName(text: string, form: RegExp, what: string, expected: string): string {
  if (text.length <= MAX_NAME_LENGTH && form.test(text)) return text;
  throw new PlexSpacesError(
    'INVALID_ARGUMENT',
    `${what}: expected ${expected} of at most ${MAX_NAME_LENGTH} characters, found ${quote(text)}`,
  );
}
