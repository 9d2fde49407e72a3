/** Where the names of generated code are declared: enough of JavaScript's scopes to tell one `resolve` from another. */
import type { AnyNode, Pattern, VariableDeclaration } from 'acorn';
import { ancestor } from 'acorn-walk';

const NONE: ReadonlySet<string> = new Set();

/** The names that a node declares for what is within it; none for nodes that are no scope. */
export function namesDeclaredBy(node: AnyNode): ReadonlySet<string> {
  switch (node.type) {
    case 'FunctionDeclaration':
    case 'FunctionExpression':
    case 'ArrowFunctionExpression':
      return new Set([...node.params.flatMap(namesOf), ...varsIn(node.body), ...(node.id ? [node.id.name] : [])]);
    case 'BlockStatement':
    case 'StaticBlock':
      return new Set(node.body.flatMap(namesOfStatement));
    case 'SwitchStatement':
      return new Set(node.cases.flatMap(({ consequent }) => consequent.flatMap(namesOfStatement)));
    case 'ForStatement':
      return new Set(node.init ? namesOfStatement(node.init) : []);
    case 'ForOfStatement':
    case 'ForInStatement':
      return new Set(namesOfStatement(node.left));
    case 'CatchClause':
      return new Set(node.param ? namesOf(node.param) : []);
    default:
      return NONE;
  }
}

/** What a pattern binds. */
export function namesOf(pattern: Pattern): string[] {
  switch (pattern.type) {
    case 'Identifier':
      return [pattern.name];
    case 'ObjectPattern':
      return pattern.properties.flatMap((part) => namesOf(part.type === 'RestElement' ? part : part.value));
    case 'ArrayPattern':
      return pattern.elements.flatMap((part) => (part === null ? [] : namesOf(part)));
    case 'RestElement':
      return namesOf(pattern.argument);
    case 'AssignmentPattern':
      return namesOf(pattern.left);
    case 'MemberExpression':
      return [];
  }
}

export function namesOfVariables({ declarations }: VariableDeclaration): string[] {
  return declarations.flatMap(({ id }) => namesOf(id));
}

function namesOfStatement(node: AnyNode): string[] {
  if (node.type === 'VariableDeclaration') return namesOfVariables(node);
  const isNamed = node.type === 'FunctionDeclaration' || node.type === 'ClassDeclaration';
  return isNamed && node.id ? [node.id.name] : [];
}

/** A `var` belongs to the function that is next around it. */
function varsIn(body: AnyNode): string[] {
  const names: string[] = [];
  ancestor(body, {
    VariableDeclaration: (node, _state, ancestors) => {
      if (node.kind === 'var' && !ancestors.some(isFunction)) names.push(...namesOfVariables(node));
    },
  });
  return names;
}

function isFunction({ type }: AnyNode): boolean {
  return type === 'FunctionDeclaration' || type === 'FunctionExpression' || type === 'ArrowFunctionExpression';
}
