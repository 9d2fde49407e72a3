/**
 * Moves the classes of generated code out of `instantiate`, to where all instances of a component share them.
 *
 * The generator writes its classes (tasks, tables) into `instantiate`, so that each instance has its own. V8 knows an
 * object by its class and a private field by the class's evaluation: with 64 instances in a thread none of its caches
 * hits, and a call takes five times the CPU time that it takes with one. What the classes use of `instantiate` they
 * find in `$scope`, an object that each instance makes of its own names (`$here`) and that every function of the actor
 * puts in place first.
 *
 * S1. One instance runs at a time in a thread, from its entry to its end, so that `$scope` is the running one's.
 * S2. Code in which a name is not understood is left as it is; it is slower then, and nothing else.
 * S3. What is moved was screened before; nothing is added but these two names.
 */
import { parse } from 'acorn';
import type { FunctionDeclaration, ObjectExpression, Program } from 'acorn';
import { full } from 'acorn-walk';
import { ACTOR_FUNCTIONS } from './actor-interface.ts';
import { captureOf } from './class-capture.ts';
import type { Captured, Declaration, NameUse } from './class-capture.ts';
import { edited, insertion } from './edits.ts';
import type { Edit } from './edits.ts';

const SCOPE = '$scope';
const HERE = '$here';
const ENTRIES: ReadonlySet<string> = new Set(ACTOR_FUNCTIONS);

export function shareClasses(javascript: string): string {
  const program = parse(javascript, { ecmaVersion: 'latest', sourceType: 'module' });
  const instantiate = instantiateOf(program);
  if (instantiate === undefined || usesOurNames(program)) return javascript; // S2
  const classes = instantiate.body.body.filter((statement) => statement.type === 'ClassDeclaration');
  const captured = captureOf(instantiate, classes);
  const entries = entriesOf(instantiate);
  if (captured === undefined || entries.length !== ENTRIES.size) return javascript; // S2
  const inClasses = captured.uses.map(fromScope);
  const moved = classes.map(({ start, end }) => edited(javascript, start, end, inClasses));
  const edits = [
    ...classes.map(({ start, end }) => ({ start, end, text: ';' })),
    insertion(instantiate.body.start + 1, scopeObject(captured)),
    ...[...captured.declarations].flatMap(([name, node]) => keepInScope(name, node)),
    ...entries.map(({ body }) => insertion(body.start + 1, `${SCOPE} = ${HERE};`)), // S1
  ];
  return `let ${SCOPE};\n${moved.join('\n')}\n${edited(javascript, 0, javascript.length, edits)}`;
}

function instantiateOf({ body }: Program): FunctionDeclaration | undefined {
  const exported = body.flatMap((part) => (part.type === 'ExportNamedDeclaration' ? (part.declaration ?? []) : []));
  return exported.find((part) => part.type === 'FunctionDeclaration');
}

function usesOurNames(program: Program): boolean {
  let isUsed = false;
  full(program, (node) => {
    if (node.type === 'Identifier' && (node.name === SCOPE || node.name === HERE)) isUsed = true;
  });
  return isUsed;
}

/**
 * The functions by which an actor is entered, under whatever names the generator gave them; what would go on after its
 * end is not among them (S1). The generator writes them into a function within `instantiate`.
 */
function entriesOf(instantiate: FunctionDeclaration): FunctionDeclaration[] {
  const names = entryNamesOf(instantiate);
  const found: FunctionDeclaration[] = [];
  full(instantiate, (node) => {
    if (node.type !== 'FunctionDeclaration' || node.id === null || node.async || node.generator) return;
    if (names.has(node.id.name)) found.push(node);
  });
  return found;
}

/** What the one object that has all of the actor's functions calls them; none: there is no such object, or there are two. */
function entryNamesOf(instantiate: FunctionDeclaration): ReadonlySet<string> {
  const found: ReadonlySet<string>[] = [];
  full(instantiate, (node) => {
    if (node.type !== 'ObjectExpression') return;
    const named = node.properties.flatMap((property) => entryName(property));
    if (named.length === ENTRIES.size) found.push(new Set(named));
  });
  const [names] = found;
  return found.length === 1 && names !== undefined ? names : new Set();
}

function entryName(property: ObjectExpression['properties'][number]): string[] {
  if (property.type !== 'Property' || property.key.type !== 'Identifier') return [];
  return ENTRIES.has(property.key.name) && property.value.type === 'Identifier' ? [property.value.name] : [];
}

/** With every key from its beginning, so that V8 knows it as the same in all instances. */
function scopeObject({ declarations }: Captured): string {
  const keys = [...declarations].map(([name, { type }]) =>
    type === 'FunctionDeclaration' ? name : `${name}: undefined`,
  );
  return `const ${HERE} = { ${keys.join(', ')} };${SCOPE} = ${HERE};`; // S1: what is instantiated runs, too
}

function fromScope({ node: { start, end, name }, isShorthand }: NameUse): Edit {
  return { start, end, text: `${isShorthand ? `${name}: ` : ''}${SCOPE}.${name}` };
}

function keepInScope(name: string, { type, end }: Declaration): Edit[] {
  return type === 'FunctionDeclaration' ? [] : [insertion(end, `${HERE}.${name} = ${name};`)];
}
