/**
 * OKRA's text is GraphQL but for two things: `service Name {`, and `@okra(…)` beside all definitions. Both are replaced
 * by something of their own length, so that every place in the text stays what it is.
 */
import { GraphQLError, Kind, Lexer, parse, Source, TokenKind } from 'graphql';
import type { ConstDirectiveNode, Token } from 'graphql';
import { invalidDescription, lineAndColumnIn } from './problems.ts';

export interface OkraText extends OkraNames {
  /** What GraphQL parses. */
  readonly sdl: string;
  /** Of the one service. */
  readonly service: string;
}

export interface OkraNames {
  /** Empty: not said. */
  readonly namespace: string;
  readonly version: string;
}

interface Found {
  readonly services: { readonly keyword: Token; readonly name: Token }[];
  readonly directives: { readonly start: number; readonly end: number }[];
}

const SERVICE = 'service';
const TYPE = 'type   ';
const UNNAMED = { namespace: '', version: '' };
const DEPTH: ReadonlyMap<TokenKind, number> = new Map([
  [TokenKind.BRACE_L, 1],
  [TokenKind.PAREN_L, 1],
  [TokenKind.BRACKET_L, 1],
  [TokenKind.BRACE_R, -1],
  [TokenKind.PAREN_R, -1],
  [TokenKind.BRACKET_R, -1],
]);

/** Undefined: it is not OKRA's. @throws INVALID_ARGUMENT for other than one service, GraphQLError for bad tokens. */
export function translateOkra(text: string): OkraText | undefined {
  const { services, directives } = findOkra(text);
  const [service, secondService] = services;
  const [directive, secondDirective] = directives;
  if (service === undefined && directive === undefined) return undefined;
  const fail = failIn(text);
  if (service === undefined) return fail('expected one service, found none', text.length);
  if (secondService !== undefined) return fail('expected one service, found another one', secondService.name.start);
  if (secondDirective !== undefined) return fail('expected @okra once, found it twice', secondDirective.start);
  const { keyword, name } = service;
  const asType = text.slice(0, keyword.start) + TYPE + text.slice(keyword.end);
  if (directive === undefined) return { sdl: asType, service: name.value, ...UNNAMED };
  const { start, end } = directive;
  const names = parseDirective(text.slice(start, end), (message) => fail(message, start));
  return { sdl: blank(asType, start, end), service: name.value, ...names };
}

/** What `@okra` says. */
export function readOkraNames(directive: ConstDirectiveNode, fail: (message: string) => never): OkraNames {
  const found = directive.name.value;
  if (found !== 'okra') return fail(`expected @okra, found @${found}`);
  const names = { ...UNNAMED };
  for (const { name, value } of directive.arguments ?? []) {
    const isKnown = name.value === 'namespace' || name.value === 'version';
    if (!isKnown || value.kind !== Kind.STRING) return fail('@okra: expected namespace and version, each a string');
    if (name.value === 'namespace') names.namespace = value.value;
    else names.version = value.value;
  }
  return names;
}

function findOkra(text: string): Found {
  const found: Found = { services: [], directives: [] };
  const lexer = new Lexer(new Source(text));
  let depth = 0;
  let isInDefinition = false;
  for (let token = lexer.advance(); token.kind !== TokenKind.EOF; token = lexer.advance()) {
    depth += DEPTH.get(token.kind) ?? 0;
    if (depth === 0 && token.kind === TokenKind.BRACE_R) isInDefinition = false;
    if (depth > 0 || isInDefinition) continue;
    if (token.kind === TokenKind.AT) found.directives.push({ start: token.start, end: skipDirective(lexer).end });
    else if (token.kind === TokenKind.NAME) isInDefinition = begin(lexer, found);
  }
  return found;
}

/** @returns whether what follows belongs to the definition: a scalar is its name alone. */
function begin(lexer: Lexer, found: Found): boolean {
  const keyword = lexer.token;
  const name = lexer.lookahead();
  if (keyword.value === SERVICE && name.kind === TokenKind.NAME) found.services.push({ keyword, name });
  if (keyword.value !== 'scalar') return true;
  lexer.advance();
  return false;
}

/** A name and, where they follow, its arguments in brackets. */
function skipDirective(lexer: Lexer): Token {
  let last = lexer.advance();
  if (lexer.lookahead().kind !== TokenKind.PAREN_L) return last;
  while (last.kind !== TokenKind.PAREN_R && last.kind !== TokenKind.EOF) last = lexer.advance();
  return last;
}

function parseDirective(text: string, fail: (message: string) => never): OkraNames {
  try {
    const [carrier] = parse(`scalar X ${text}`).definitions;
    const directive = carrier?.kind === Kind.SCALAR_TYPE_DEFINITION ? carrier.directives?.[0] : undefined;
    if (directive !== undefined) return readOkraNames(directive, fail);
  } catch (thrown) {
    if (!(thrown instanceof GraphQLError)) throw thrown;
  }
  return fail('expected @okra(namespace: "…", version: "…")');
}

function blank(text: string, start: number, end: number): string {
  return text.slice(0, start) + text.slice(start, end).replaceAll(/[^\r\n]/g, ' ') + text.slice(end);
}

function failIn(text: string): (message: string, position: number) => never {
  const source = new Source(text);
  return (message, position) => {
    throw invalidDescription([new GraphQLError(message, { source, positions: [position] })], lineAndColumnIn(text));
  };
}
