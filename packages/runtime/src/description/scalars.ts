/**
 * The scalars of service descriptions, and the JSON that each of them stands for.
 *
 * Text is looked at by expressions without nested repetition: what a caller sends may be megabytes.
 */

export interface Scalar {
  /** Of JSON values, some of which it accepts. */
  readonly kinds: readonly ('string' | 'number' | 'boolean')[];
  /** Beside the name, in an error; empty: the name says it. */
  readonly form: string;
  readonly accepts: (value: unknown) => boolean;
  readonly example: unknown;
  readonly jsonSchema: Readonly<Record<string, unknown>>;
}

const MAX_INT = 2_147_483_647;
const MIN_INT = -2_147_483_648;
const DATE = /^(\d{4})-(\d\d)-(\d\d)$/;
const TIME = /^([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,9})?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)?$/;
const OFFSET = /(Z|[+-]\d\d:\d\d)$/;
const DURATION =
  /^-?P(?=.)(\d{1,9}Y)?(\d{1,9}M)?(\d{1,9}W)?(\d{1,9}D)?(T(?=.)(\d{1,9}H)?(\d{1,9}M)?(\d{1,9}(\.\d{1,9})?S)?)?$/;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const URL_START = /^[A-Za-z][A-Za-z0-9+.-]*:\S+$/;
const INTEGER = /^-?(0|[1-9]\d*)$/;
const DECIMAL = /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/;
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;
const MAX_URL_LENGTH = 65_536;
const DAYS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

export const SCALARS: ReadonlyMap<string, Scalar> = new Map<string, Scalar>([
  [
    'Int',
    {
      kinds: ['number'],
      form: 'a whole number of 32 bits',
      accepts: isInt,
      example: 1,
      jsonSchema: { type: 'integer', format: 'int32', minimum: MIN_INT, maximum: MAX_INT },
    },
  ],
  ['Float', { kinds: ['number'], form: '64 bits', accepts: isFinite, example: 1.5, jsonSchema: { type: 'number' } }],
  ['String', text('Unicode text', (value) => value.isWellFormed(), 'text', {})],
  ['Boolean', { kinds: ['boolean'], form: '', accepts: isBoolean, example: true, jsonSchema: { type: 'boolean' } }],
  [
    'ID',
    {
      kinds: ['string', 'number'],
      form: 'text or a whole number',
      accepts: isId,
      example: 'id-1',
      jsonSchema: { type: ['string', 'integer'] },
    },
  ],
  ['Date', text('2026-01-31', isDate, '2026-01-31', { format: 'date' })],
  ['Time', text('13:45:00, with or without an offset', matches(TIME), '13:45:00Z', { pattern: TIME.source })],
  ['DateTime', text('2026-01-31T13:45:00Z', isDateTime, '2026-01-31T13:45:00Z', { format: 'date-time' })],
  ['Duration', text("ISO 8601's, e.g. PT1M30S", matches(DURATION), 'PT1M30S', { pattern: DURATION.source })],
  ['UUID', text('', matches(UUID), '123e4567-e89b-42d3-a456-426614174000', { format: 'uuid' })],
  ['URL', text('absolute', isUrl, 'https://example.org/', { format: 'uri' })],
  [
    'BigInt',
    {
      kinds: ['string', 'number'],
      form: 'a whole number, or its digits in a string',
      accepts: isBigInt,
      example: '9007199254740993',
      jsonSchema: { anyOf: [{ type: 'integer' }, { type: 'string', pattern: INTEGER.source }] },
    },
  ],
  [
    'Decimal',
    {
      kinds: ['string', 'number'],
      form: 'a number, or its digits in a string',
      accepts: isDecimal,
      example: '12.50',
      jsonSchema: { anyOf: [{ type: 'number' }, { type: 'string', pattern: DECIMAL.source }] },
    },
  ],
  ['Bytes', text('base64', isBase64, 'AAE=', { contentEncoding: 'base64' })],
]);

function text(
  form: string,
  accepts: (value: string) => boolean,
  example: string,
  schema: Readonly<Record<string, string>>,
): Scalar {
  const accepted = (value: unknown): boolean => typeof value === 'string' && accepts(value);
  return { kinds: ['string'], form, accepts: accepted, example, jsonSchema: { type: 'string', ...schema } };
}

function matches(form: RegExp): (value: string) => boolean {
  return (value) => form.test(value);
}

function isInt(value: unknown): boolean {
  return typeof value === 'number' && Number.isInteger(value) && value >= MIN_INT && value <= MAX_INT;
}

/** An exact integer is one that a double does not hold. */
function isFinite(value: unknown): boolean {
  return (typeof value === 'number' && Number.isFinite(value)) || typeof value === 'bigint';
}

function isBoolean(value: unknown): boolean {
  return typeof value === 'boolean';
}

function isId(value: unknown): boolean {
  return (typeof value === 'string' && value.isWellFormed()) || Number.isInteger(value) || typeof value === 'bigint';
}

function isDate(value: string): boolean {
  const [, year, month, day] = DATE.exec(value) ?? [];
  if (year === undefined) return false;
  const days = month === '02' && !isLeap(Number(year)) ? 28 : DAYS[Number(month) - 1];
  return days !== undefined && Number(day) >= 1 && Number(day) <= days;
}

function isLeap(year: number): boolean {
  return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
}

/** A moment: without an offset it would be many. */
function isDateTime(value: string): boolean {
  return value[10] === 'T' && isDate(value.slice(0, 10)) && TIME.test(value.slice(11)) && OFFSET.test(value);
}

function isUrl(value: string): boolean {
  return value.length <= MAX_URL_LENGTH && value.isWellFormed() && URL_START.test(value) && URL.canParse(value);
}

/** A number past 2^53 counts only where it was read exactly. */
function isBigInt(value: unknown): boolean {
  return typeof value === 'bigint' || Number.isSafeInteger(value) || (typeof value === 'string' && INTEGER.test(value));
}

function isDecimal(value: unknown): boolean {
  return isFinite(value) || (typeof value === 'string' && DECIMAL.test(value));
}

function isBase64(value: string): boolean {
  return value.length % 4 === 0 && BASE64.test(value);
}
