/** What the classes in a function use of it, and whether they could find it elsewhere just as well. */
import type { AnyNode, ClassDeclaration, FunctionDeclaration, Identifier, VariableDeclaration } from 'acorn';
import { ancestor, full } from 'acorn-walk';
import { namesDeclaredBy, namesOf, namesOfVariables } from './scopes.ts';

export type Declaration = FunctionDeclaration | VariableDeclaration;

export interface Captured {
  /** By name, with where the function declares it. */
  readonly declarations: ReadonlyMap<string, Declaration>;
  /** In the classes. */
  readonly uses: readonly NameUse[];
}

export interface NameUse {
  readonly node: Identifier;
  /** It is a property's key as well: `{ name }`. */
  readonly isShorthand: boolean;
}

/** Undefined: a name is used in a way that is not understood, and the classes must stay where they are. */
export function captureOf(around: FunctionDeclaration, classes: readonly ClassDeclaration[]): Captured | undefined {
  const known = declarationsIn(around);
  const shared = new Set(classes.map(({ id }) => id.name));
  if (classes.some((node) => usesWhenDeclared(node, known) || usesWhenDeclared(node, shared))) return undefined;
  const uses = classes.flatMap(freeNames).filter(({ node }) => !shared.has(node.name));
  const declarations = new Map<string, Declaration>();
  for (const {
    node: { name },
  } of uses) {
    const declaration = known.get(name);
    if (declaration !== undefined) declarations.set(name, declaration);
    else if (namesDeclaredBy(around).has(name)) return undefined; // a parameter, or a variable of a block
  }
  const changes = changesIn(around, classes);
  const isMovable = [...declarations].every(([name, node]) => !usesThis(node) && isSameElsewhere(name, changes));
  return isMovable ? { declarations, uses: uses.filter(({ node }) => declarations.has(node.name)) } : undefined;
}

/** Whether declaring a class uses any of the names, before there is a scope to find them in. */
function usesWhenDeclared({ superClass, body }: ClassDeclaration, names: { has(name: string): boolean }): boolean {
  const evaluated = body.body.map((part) => {
    if (part.type === 'StaticBlock') return part;
    if (part.computed) return part.key;
    return part.type === 'PropertyDefinition' && part.static ? part.value : undefined;
  });
  let isUsed = false;
  for (const node of [superClass, ...evaluated]) {
    if (node != null) full(node, (found) => void (isUsed ||= found.type === 'Identifier' && names.has(found.name)));
  }
  return isUsed;
}

function declarationsIn({ body }: FunctionDeclaration): Map<string, Declaration> {
  const found = new Map<string, Declaration>();
  for (const statement of body.body) {
    if (statement.type === 'FunctionDeclaration') found.set(statement.id.name, statement);
    if (statement.type !== 'VariableDeclaration') continue;
    for (const name of namesOfVariables(statement)) found.set(name, statement);
  }
  return found;
}

/** The names that a class uses and does not declare. */
function freeNames(root: ClassDeclaration): NameUse[] {
  const found: NameUse[] = [];
  const declared = new Map<AnyNode, ReadonlySet<string>>();
  const declares = (scope: AnyNode, name: string): boolean => {
    const names = declared.get(scope) ?? namesDeclaredBy(scope);
    declared.set(scope, names);
    return names.has(name);
  };
  ancestor(root, {
    Identifier: (node, _state, ancestors) => {
      const parent = ancestors.at(-2);
      const isShorthand = parent?.type === 'Property' && parent.shorthand;
      if (!ancestors.some((scope) => declares(scope, node.name))) found.push({ node, isShorthand });
    },
  });
  return found;
}

/** Where names are used, whichever of them is meant: too much is counted rather than too little. */
interface Changes {
  /** Outside of the classes, declarations among them. */
  readonly uses: ReadonlyMap<string, number>;
  readonly written: ReadonlySet<string>;
  readonly writtenInClasses: ReadonlySet<string>;
}

function changesIn(around: FunctionDeclaration, classes: readonly ClassDeclaration[]): Changes {
  const [uses, written, writtenInClasses] = [new Map<string, number>(), new Set<string>(), new Set<string>()];
  full(around, (node) => {
    const isInClass = classes.some(({ start, end }) => node.start >= start && node.end <= end);
    for (const name of writtenBy(node)) (isInClass ? writtenInClasses : written).add(name);
    if (node.type === 'Identifier' && !isInClass) uses.set(node.name, (uses.get(node.name) ?? 0) + 1);
  });
  return { uses, written, writtenInClasses };
}

/** A variable that changes must be the classes' alone, but for its declaration: what they have is a copy. */
function isSameElsewhere(name: string, { uses, written, writtenInClasses }: Changes): boolean {
  return !written.has(name) && (!writtenInClasses.has(name) || uses.get(name) === 1);
}

function writtenBy(node: AnyNode): string[] {
  if (node.type === 'AssignmentExpression') return namesOf(node.left);
  if (node.type === 'UpdateExpression' && node.argument.type === 'Identifier') return [node.argument.name];
  const isLoop = node.type === 'ForOfStatement' || node.type === 'ForInStatement';
  return isLoop && node.left.type !== 'VariableDeclaration' ? namesOf(node.left) : [];
}

/** It would be another one, where the function is found in an object. */
function usesThis(node: Declaration): boolean {
  let isUsed = false;
  if (node.type === 'VariableDeclaration') return false;
  full(node, ({ type }) => {
    if (type === 'ThisExpression') isUsed = true;
  });
  return isUsed;
}
