/**
 * Calls without tasks, for components in which nothing is asynchronous and no resource exists.
 *
 * The generator makes a task with promises for each call into a component and out of it, since any of them might go on
 * later. Where none can, nobody ever asks a task anything, and it takes more time than the call. The few functions that
 * make and find tasks are replaced by ones that do not; what guards the instance (`_checkMayLeave`, the trapped state)
 * stays.
 *
 * L1. A component that imports more than the host's interface, or whose code has anything asynchronous or any function
 *     for its core modules but a lowered import, is left as it is.
 * L2. What was screened before is changed in these functions alone, as the generator named them.
 */
import { parse } from 'acorn';
import type { AnyNode, Expression, FunctionDeclaration, Program, VariableDeclarator } from 'acorn';
import { full } from 'acorn-walk';
import { HOST_INTERFACE, withoutVersion } from './actor-interface.ts';
import { edited } from './edits.ts';

const LOWER = '_lowerImportBackwardsCompat';
const FOR_CORE_MODULES = /^trampoline\d+$/;
const ASYNC_FLAGS: ReadonlySet<string> = new Set(['isAsync', 'funcTypeIsAsync', 'preserveFutureResult']);
const NAMES_OF_OURS = /\$task\b/;

/** What the generated code asks of a task that nobody waits for. */
const TASK = `const $task = {
  id: () => 0, componentIdx: () => 0, mayBlock: () => false, isResolvedState: () => true, isExited: () => true,
  setCalleeIsAsync() {}, enterSync: () => true, setReturnMemoryIdx() {}, setReturnMemory() {}, setErrored() {},
  reject() {}, resolve() {}, exit() {},
}, $entered = [$task, 0];`;

const REPLACEMENTS: Readonly<Record<string, string>> = {
  createNewCurrentTask: 'function createNewCurrentTask() { return $entered; }',
  getCurrentTask: 'function getCurrentTask() { return undefined; }',
  _getGlobalCurrentTaskMeta: 'function _getGlobalCurrentTaskMeta() { return undefined; }',
  _withGlobalCurrentTaskMeta: 'function _withGlobalCurrentTaskMeta({ fn }) { return fn(); }',
  [LOWER]: `function ${LOWER}({ componentIdx, importFn }, ...params) { _checkMayLeave(componentIdx); return importFn(...params); }`,
};

export function plainCalls(javascript: string): string {
  const program = parse(javascript, { ecmaVersion: 'latest', sourceType: 'module' });
  if (NAMES_OF_OURS.test(javascript) || !isPlain(program)) return javascript; // L1
  const found = new Map<string, FunctionDeclaration>();
  full(program, (node) => {
    if (node.type === 'FunctionDeclaration' && node.id !== null && node.id.name in REPLACEMENTS)
      found.set(node.id.name, node);
  });
  if (found.size !== Object.keys(REPLACEMENTS).length) return javascript; // L2
  const edits = [...found].map(([name, { start, end }]) => ({ start, end, text: REPLACEMENTS[name] ?? '' }));
  return `${TASK}\n${edited(javascript, 0, javascript.length, edits)}`;
}

/** L1 */
function isPlain(program: Program): boolean {
  const host = withoutVersion(HOST_INTERFACE);
  let isGood = true;
  full(program, (node) => {
    if (isAsync(node)) isGood = false;
    const imported = importedInterface(node);
    if (imported !== undefined && imported !== host) isGood = false;
    if (node.type === 'VariableDeclarator' && isForCoreModules(node) && !isLoweredImport(node.init)) isGood = false;
  });
  return isGood;
}

/** A flag that is set; what it would do is in the code in any case. */
function isAsync(node: AnyNode): boolean {
  if (node.type !== 'Property' || node.key.type !== 'Identifier' || !ASYNC_FLAGS.has(node.key.name)) return false;
  return node.value.type === 'Literal' && node.value.value !== false;
}

/** `imports['…']` */
function importedInterface(node: AnyNode): string | undefined {
  if (node.type !== 'MemberExpression' || node.object.type !== 'Identifier' || node.object.name !== 'imports')
    return undefined;
  return node.property.type === 'Literal' ? String(node.property.value) : '';
}

function isForCoreModules({ id }: VariableDeclarator): boolean {
  return id.type === 'Identifier' && FOR_CORE_MODULES.test(id.name);
}

/** `… ? … : _lowerImportBackwardsCompat.bind(…)`: the way that is taken where nothing is asynchronous. */
function isLoweredImport(init: Expression | null | undefined): boolean {
  if (init?.type !== 'ConditionalExpression' || init.alternate.type !== 'CallExpression') return false;
  const { callee } = init.alternate;
  return callee.type === 'MemberExpression' && callee.object.type === 'Identifier' && callee.object.name === LOWER;
}
