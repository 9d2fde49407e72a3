/** JSON values as Python writes them, for texts that are the same in every language. */

/** As json.dumps: a blank behind each comma and colon, ASCII alone. */
export function dumps(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(dumps).join(', ')}]`;
  if (isObject(value)) return `{${entries(value, dumps, dumps)}}`;
  if (typeof value === 'number') return number(value);
  return (JSON.stringify(value) ?? 'null').replaceAll(/[^\0-\x7f]/g, escapeCharacter);
}

/** As repr. */
export function repr(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(repr).join(', ')}]`;
  if (isObject(value)) return `{${entries(value, repr, repr)}}`;
  switch (typeof value) {
    case 'string':
      return quote(value);
    case 'number':
      return number(value).replace('Infinity', 'inf');
    case 'boolean':
      return value ? 'True' : 'False';
    default:
      return 'None';
  }
}

function entries(value: object, key: (name: string) => string, item: (value: unknown) => string): string {
  return Object.entries(value)
    .map(([name, each]) => `${key(name)}: ${item(each)}`)
    .join(', ');
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/** A literal that is too large for a number is an infinity in both languages. */
function number(value: number): string {
  return Number.isFinite(value) ? JSON.stringify(value) : String(value);
}

function quote(text: string): string {
  const escaped = text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('\t', '\\t').replaceAll('\r', '\\r');
  return escaped.includes("'") && !escaped.includes('"') ? `"${escaped}"` : `'${escaped.replaceAll("'", "\\'")}'`;
}

function escapeCharacter(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
