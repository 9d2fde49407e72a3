/**
 * The JavaScript that the generator made, as a syntax tree.
 *
 * Its calls of `_debugLog` are cut out: some 450 statements that build their arguments on every call only to
 * find that nobody wants them.
 */
import { parse } from 'acorn';
import type { AnyNode, Program, Statement } from 'acorn';
import { full } from 'acorn-walk';
import { unsafe } from './safe-name.ts';

const DEBUG_LOG = '_debugLog';

export interface GeneratedCode {
  /** Without what was cut out. */
  readonly javascript: string;
  /** Every node that is left, children before their parents; `role` as acorn-walk tells it. */
  readonly nodes: readonly GeneratedNode[];
  readonly program: Program;
}

export interface GeneratedNode {
  readonly node: AnyNode;
  /** `VariablePattern` where an identifier is declared or assigned. */
  readonly role: string;
}

/** @throws INVALID_ARGUMENT (UNSAFE_NAME) where it is no JavaScript: a name of the component has broken it. */
export function readGeneratedCode(source: string): GeneratedCode {
  const program = parseModule(source);
  const all: GeneratedNode[] = [];
  const debugStatements: AnyNode[] = [];
  full(program, (node, _state, role) => {
    all.push({ node, role });
    if (isDebugStatement(node)) debugStatements.push(node);
  });
  const cut = new Set<AnyNode>();
  for (const statement of debugStatements) full(statement, (node) => void cut.add(node));
  return {
    javascript: withoutRanges(source, debugStatements),
    nodes: all.filter(({ node }) => !cut.has(node)),
    program,
  };
}

function parseModule(source: string): Program {
  try {
    return parse(source, { ecmaVersion: 'latest', sourceType: 'module' });
  } catch (error) {
    const found = error instanceof Error ? error.message : String(error);
    throw unsafe(`the component's names break the code that is generated from it: ${found}`);
  }
}

/** A call of it alone in a statement, or its definition. */
function isDebugStatement(node: AnyNode): boolean {
  if (node.type === 'ExpressionStatement') {
    return node.expression.type === 'CallExpression' && isDebugLog(node.expression.callee);
  }
  if (node.type !== 'VariableDeclaration' || node.declarations.length !== 1) return false;
  return node.declarations.every(({ id, init }) => isDebugLog(id) && init?.type === 'ArrowFunctionExpression');
}

function isDebugLog(node: AnyNode | Statement): boolean {
  return node.type === 'Identifier' && node.name === DEBUG_LOG;
}

/** Each range becomes an empty statement, which may stand wherever a statement may. */
function withoutRanges(source: string, nodes: readonly AnyNode[]): string {
  const pieces: string[] = [];
  let position = 0;
  for (const { start, end } of nodes.toSorted((a, b) => a.start - b.start)) {
    if (start < position) continue; // inside one that is gone already
    pieces.push(source.slice(position, start), ';');
    position = end;
  }
  pieces.push(source.slice(position));
  return pieces.join('');
}
