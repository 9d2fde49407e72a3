/**
 * Bytes that a guest hands over are copied out of its memory into a common block, several of them one behind the other.
 *
 * The generator writes `new Uint8Array(memory.buffer.slice(from, to))`, a buffer outside of the heap for each list of
 * bytes: for a hundred bytes that takes as long as all the rest of a short call. Whoever is given such bytes writes them
 * into a message and forgets them, so that no block is kept for long for the sake of a few. A block is never written
 * twice; it goes when nobody has anything of it any more.
 *
 * C1. A range that is not in the memory throws, where `slice` would have given less.
 * C2. What was screened before is changed in this one expression alone; code without it is left as it is.
 */
import { parse } from 'acorn';
import type { AnyNode, Expression, NewExpression } from 'acorn';
import { full } from 'acorn-walk';
import { edited } from './edits.ts';
import type { Edit } from './edits.ts';

const COPY = '$copy';

/** Longer ones have a buffer of their own. */
const HELPER = `let $block = new Uint8Array(16384), $used = 0;
function ${COPY}(buffer, from, to) {
  const bytes = new Uint8Array(buffer, from, to - from);
  if (bytes.length > 1024) return bytes.slice();
  if ($used + bytes.length > $block.length) { $block = new Uint8Array(16384); $used = 0; }
  const copy = $block.subarray($used, $used + bytes.length);
  copy.set(bytes);
  $used += bytes.length;
  return copy;
}`;

export function smallCopies(javascript: string): string {
  if (javascript.includes(COPY)) return javascript; // C2
  const program = parse(javascript, { ecmaVersion: 'latest', sourceType: 'module' });
  const edits: Edit[] = [];
  full(program, (node) => {
    const copied = copiedRange(node);
    if (copied !== undefined) edits.push(toHelper(javascript, copied));
  });
  return edits.length === 0 ? javascript : `${HELPER}\n${edited(javascript, 0, javascript.length, edits)}`;
}

interface CopiedRange {
  readonly node: NewExpression;
  /** The memory's buffer. */
  readonly buffer: Expression;
  readonly from: Expression;
  readonly to: Expression;
}

/** `new Uint8Array(….buffer.slice(from, to))` */
function copiedRange(node: AnyNode): CopiedRange | undefined {
  if (node.type !== 'NewExpression' || node.callee.type !== 'Identifier' || node.callee.name !== 'Uint8Array')
    return undefined;
  const [call, ...others] = node.arguments;
  if (call?.type !== 'CallExpression' || others.length > 0 || call.callee.type !== 'MemberExpression') return undefined;
  const { object: buffer } = call.callee;
  const [from, to] = call.arguments;
  if (!isMember(call.callee, 'slice') || !isMember(buffer, 'buffer') || buffer.type === 'Super') return undefined;
  if (call.arguments.length !== 2 || from === undefined || to === undefined) return undefined;
  if (from.type === 'SpreadElement' || to.type === 'SpreadElement') return undefined;
  return { node, buffer, from, to };
}

function isMember(node: AnyNode, name: string): boolean {
  if (node.type !== 'MemberExpression' || node.computed) return false;
  return node.property.type === 'Identifier' && node.property.name === name;
}

function toHelper(source: string, { node, buffer, from, to }: CopiedRange): Edit {
  const parts = [buffer, from, to].map(({ start, end }) => source.slice(start, end));
  return { start: node.start, end: node.end, text: `${COPY}(${parts.join(', ')})` };
}
