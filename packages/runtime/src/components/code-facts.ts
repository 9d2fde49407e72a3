/** What generated code says of itself: what it imports, which core modules it instantiates, what it exports. */
import type { AnyNode, CallExpression, ObjectExpression, ObjectPattern, VariableDeclarator } from 'acorn';
import type { GeneratedNode } from './generated-code.ts';
import { unsafe } from './safe-name.ts';

export interface CodeFacts {
  /** Functions and resources by interface, the latter without its version. */
  readonly imports: ReadonlyMap<string, readonly string[]>;
  /** A core module's file for each instance that is made of it. */
  readonly instantiations: readonly string[];
  /** The functions of an exported interface, which is named with its version. */
  exportedFunctions(interfaceName: string): readonly string[];
}

interface Found {
  readonly imports: Map<string, string[]>;
  /** Core module files by the variable that holds the module. */
  readonly modules: Map<string, string>;
  readonly objects: Map<string, ObjectExpression>;
  readonly instantiated: string[];
  importStatements: number;
  /** Variables by the quoted key under which an object holds them. */
  readonly held: Map<string, string>;
}

/** @throws INVALID_ARGUMENT (UNSAFE_NAME) where a core module is not got or instantiated in the known form. */
export function readCodeFacts(nodes: readonly GeneratedNode[]): CodeFacts {
  const found: Found = {
    imports: new Map(),
    modules: new Map(),
    objects: new Map(),
    instantiated: [],
    importStatements: 0,
    held: new Map(),
  };
  for (const { node } of nodes) readNode(node, found);
  expectNothingElse(nodes, found);
  return {
    imports: found.imports,
    instantiations: found.instantiated.map((variable) => found.modules.get(variable) ?? variable),
    exportedFunctions: (name) => keysOf(found.objects.get(found.held.get(name) ?? '')),
  };
}

function readNode(node: AnyNode, found: Found): void {
  if (node.type === 'VariableDeclarator') readDeclarator(node, found);
  if (node.type === 'CallExpression') readInstantiation(node, found);
  if (node.type === 'Property' && node.key.type === 'Literal' && node.value.type === 'Identifier') {
    found.held.set(String(node.key.value), node.value.name);
  }
}

/** `const module0 = getCoreModule('…')`, `const { a, b } = imports['…']`, `const actor = { … }` */
function readDeclarator({ id, init }: VariableDeclarator, found: Found): void {
  if (id.type === 'Identifier' && init?.type === 'ObjectExpression') found.objects.set(id.name, init);
  if (id.type === 'Identifier' && init?.type === 'CallExpression' && isNamed(init.callee, 'getCoreModule')) {
    const [file] = init.arguments;
    if (file?.type === 'Literal') found.modules.set(id.name, String(file.value));
  }
  if (id.type !== 'ObjectPattern' || init?.type !== 'MemberExpression' || !isNamed(init.object, 'imports')) return;
  if (!init.computed || init.property.type !== 'Literal') return;
  const name = String(init.property.value);
  found.importStatements += 1;
  found.imports.set(name, [...(found.imports.get(name) ?? []), ...keysOf(id)]);
}

function readInstantiation(call: CallExpression, found: Found): void {
  if (!isNamed(call.callee, 'instantiateCore')) return;
  const [module] = call.arguments;
  if (module?.type === 'Identifier') found.instantiated.push(module.name);
}

/** Each use of the three parameters of `instantiate` was understood above; its declarations are no uses. */
function expectNothingElse(nodes: readonly GeneratedNode[], found: Found): void {
  const known = new Map([
    ['imports', found.importStatements],
    ['getCoreModule', found.modules.size],
    ['instantiateCore', found.instantiated.length],
  ]);
  for (const { node, role } of nodes) {
    if (node.type !== 'Identifier' || role === 'VariablePattern') continue;
    const rest = known.get(node.name);
    if (rest !== undefined) known.set(node.name, rest - 1);
  }
  for (const [name, rest] of known) if (rest !== 0) throw unsafe(`generated code uses ${name} in an unknown way`);
}

function keysOf(object: ObjectExpression | ObjectPattern | undefined): string[] {
  return (object?.properties ?? []).flatMap((property) => {
    if (property.type !== 'Property') return [];
    return property.key.type === 'Identifier' ? property.key.name : [];
  });
}

function isNamed(node: AnyNode, name: string): boolean {
  return node.type === 'Identifier' && node.name === name;
}
