/**
 * What generated code may consist of. The lists were found from what the generator makes of Python, Rust,
 * JavaScript and hand-written components; whatever else appears came out of a name.
 *
 * R1. Only kinds of syntax that the generator uses: no import, import(), eval-like tagged templates, with.
 * R2. Every identifier that is declared nowhere is a global of the list; no global outside it is declared,
 *     so that no declaration can hide the use of one. (An exported function called `fetch` is refused for it.)
 * R3. Keys in quotes are within the alphabet of names; none leads from data to code (`constructor`).
 * R4. A computed key is an index, a variable or a sum of such: not a text put together on the spot. A method
 *     called by a key in quotes does not occur.
 */
import type { AnyNode, Expression, MemberExpression, PrivateIdentifier, Program, Super } from 'acorn';
import { full } from 'acorn-walk';
import type { PlexSpacesError } from '@plexspaces/core';
import { quote } from '@plexspaces/core';
import type { GeneratedNode } from './generated-code.ts';
import { expectSafeName, isRefusedKey, unsafe } from './safe-name.ts';

const NODE_TYPES = new Set(
  `ArrayExpression ArrayPattern ArrowFunctionExpression AssignmentExpression AssignmentPattern AwaitExpression
  BinaryExpression BlockStatement BreakStatement CallExpression CatchClause ChainExpression ClassBody ClassDeclaration
  ConditionalExpression ContinueStatement DoWhileStatement EmptyStatement ExportNamedDeclaration ExpressionStatement
  ForOfStatement ForStatement FunctionDeclaration FunctionExpression Identifier IfStatement LabeledStatement Literal
  LogicalExpression MemberExpression MethodDefinition NewExpression ObjectExpression ObjectPattern PrivateIdentifier
  Program Property PropertyDefinition RestElement ReturnStatement SequenceExpression SpreadElement SwitchCase
  SwitchStatement TemplateElement TemplateLiteral ThisExpression ThrowStatement TryStatement UnaryExpression
  UpdateExpression VariableDeclaration VariableDeclarator WhileStatement YieldExpression`.split(/\s+/),
);

/** `vals` and `arguments`: the generator's own; `globalThis` for its WebAssembly alone. */
const GLOBALS = new Set(
  `Array ArrayBuffer BigInt BigInt64Array BigUint64Array Boolean DataView Error Float32Array Float64Array Int16Array
  Int32Array Int8Array JSON Map Math Number Object Promise RangeError Set String Symbol TextDecoder TextEncoder
  TypeError Uint16Array Uint32Array Uint8Array WebAssembly arguments clearInterval console globalThis
  hasOwnProperty queueMicrotask setInterval setTimeout undefined vals`.split(/\s+/),
);

const CALLEES = new Set([
  'Identifier',
  'MemberExpression',
  'ArrowFunctionExpression',
  'CallExpression',
  'FunctionExpression',
]);

/** @throws INVALID_ARGUMENT (UNSAFE_NAME) saying what is there that must not be. */
export function expectKnownCode(program: Program, nodes: readonly GeneratedNode[]): void {
  expectKnownShape(program);
  for (const { node } of nodes) expectKnownNode(node);
  expectNoRefusedText(nodes);
  expectKnownGlobals(nodes);
}

function expectKnownShape(program: Program): void {
  const shape = program.body.map((statement) => {
    if (statement.type === 'ExpressionStatement') return statement.directive ?? statement.type;
    if (statement.type !== 'ExportNamedDeclaration') return statement.type;
    const declaration = statement.declaration;
    return `${statement.type} ${declaration?.type}${statement.source ? ' from' : ''}`;
  });
  const expected = [
    'use components',
    'ExportNamedDeclaration FunctionDeclaration',
    'EmptyStatement',
    'ExportNamedDeclaration VariableDeclaration',
  ];
  if (shape.join() !== expected.join())
    throw unsafe(`generated code of an unknown shape: ${shape.slice(0, 10).join(', ')}`);
}

function expectKnownNode(node: AnyNode): void {
  if (!NODE_TYPES.has(node.type)) throw unsafe(`generated code holds ${node.type}, which the generator does not write`); // R1
  if (node.type === 'MemberExpression') expectKnownMember(node);
  if (node.type === 'CallExpression') expectKnownCall(node.callee);
  if (node.type === 'Property' || node.type === 'PropertyDefinition') expectKnownKey(node.key, node.computed);
  if (node.type === 'ObjectPattern') {
    // The walk goes past the properties of a pattern, to what they are bound to.
    for (const property of node.properties)
      if (property.type === 'Property') expectKnownKey(property.key, property.computed);
  }
  if (node.type === 'MethodDefinition' && node.kind !== 'constructor') expectKnownKey(node.key, node.computed);
}

/** R3. Enum and variant cases may be called anything; a `case` of a switch is where the generator writes them. */
function expectNoRefusedText(nodes: readonly GeneratedNode[]): void {
  const cases = new Set<AnyNode>();
  for (const { node } of nodes) if (node.type === 'SwitchCase' && node.test) cases.add(node.test);
  for (const { node } of nodes) {
    if (node.type !== 'Literal' || typeof node.value !== 'string' || cases.has(node)) continue;
    if (isRefusedKey(node.value)) throw refusedKey(node.value);
  }
}

function expectKnownMember(node: MemberExpression): void {
  expectKnownKey(node.property, node.computed);
  const isGlobal = node.object.type === 'Identifier' && node.object.name === 'globalThis';
  if (isGlobal && !isWebAssembly(node)) throw unsafe('generated code reaches for a member of globalThis');
}

function isWebAssembly(node: MemberExpression): boolean {
  return !node.computed && node.property.type === 'Identifier' && node.property.name === 'WebAssembly';
}

function expectKnownCall(callee: Expression | Super): void {
  if (!CALLEES.has(callee.type)) throw unsafe(`generated code calls the result of ${callee.type}`);
  if (callee.type !== 'MemberExpression' || !callee.computed) return;
  const key = callee.property;
  const isText = key.type !== 'Identifier' && !(key.type === 'Literal' && typeof key.value === 'number');
  if (isText) throw unsafe('generated code calls a method by a key in quotes'); // R4
}

function expectKnownKey(key: Expression | PrivateIdentifier, computed: boolean): void {
  if (key.type === 'PrivateIdentifier') return;
  if (key.type === 'Identifier' && !computed && isRefusedKey(key.name)) throw refusedKey(key.name);
  if (key.type === 'Literal' && typeof key.value === 'string') expectSafeName(key.value, 'key in generated code'); // R3
  else if (computed) expectIndex(key);
}

/** R4. */
function expectIndex(key: Expression): void {
  full(key, (node) => {
    const isText = node.type === 'TemplateLiteral' || (node.type === 'Literal' && typeof node.value === 'string');
    if (isText) throw unsafe('generated code puts a key together from text');
  });
}

/** R2. */
function expectKnownGlobals(nodes: readonly GeneratedNode[]): void {
  const declared = declaredNames(nodes);
  for (const name of declared)
    if (name in globalThis && !GLOBALS.has(name)) throw unsafe(`generated code declares ${quote(name)}, a global`);
  let globalThisUses = 0;
  for (const { node, role } of nodes) {
    if (node.type === 'MemberExpression' && isWebAssembly(node) && isGlobalThis(node.object)) globalThisUses -= 1;
    if (node.type !== 'Identifier' || role === 'VariablePattern') continue;
    if (!declared.has(node.name) && !GLOBALS.has(node.name))
      throw unsafe(`generated code uses ${quote(node.name)}, which it does not declare`);
    if (isGlobalThis(node)) globalThisUses += 1;
  }
  if (globalThisUses !== 0) throw unsafe('generated code uses globalThis for more than its WebAssembly');
}

function isGlobalThis(node: AnyNode): boolean {
  return node.type === 'Identifier' && node.name === 'globalThis';
}

function declaredNames(nodes: readonly GeneratedNode[]): Set<string> {
  const declared = new Set<string>();
  for (const { node, role } of nodes) {
    if (node.type === 'Identifier' && role === 'VariablePattern') declared.add(node.name);
    const isNamed =
      node.type === 'FunctionDeclaration' || node.type === 'FunctionExpression' || node.type === 'ClassDeclaration';
    if (isNamed && node.id) declared.add(node.id.name);
  }
  return declared;
}

function refusedKey(name: string): PlexSpacesError {
  return unsafe(`generated code uses the key ${quote(name)}`);
}
