/**
 * GraphQL's own rules over a document. Payloads are whole values in both directions, so that every type has to be one
 * that an input could have: all of them are checked as inputs, the results of methods among the arguments. Where the
 * text is GraphQL's own, `type` and `input` must be used as GraphQL wants it, too.
 */
import { buildASTSchema, GraphQLError, Kind, OperationTypeNode, parse, validateSchema } from 'graphql';
import type {
  ASTNode,
  DefinitionNode,
  DocumentNode,
  FieldDefinitionNode,
  InputObjectTypeDefinitionNode,
  InputValueDefinitionNode,
  ObjectTypeDefinitionNode,
  SchemaDefinitionNode,
  TypeNode,
} from 'graphql';
import { validateSDL } from 'graphql/validation/validate.js';
import { expectNone } from './problems.ts';
import type { Place } from './problems.ts';
import { SCALARS } from './scalars.ts';
import type { ObjectNode, ServedDocument } from './served-document.ts';

const MAX_LIST_DEPTH = 8;
const BUILT_IN = ['Int', 'Float', 'String', 'Boolean', 'ID'];
const PRELUDE: readonly DefinitionNode[] = parse(
  ['directive @service on OBJECT', ...[...SCALARS.keys()].filter((name) => !BUILT_IN.includes(name)).map(scalar)].join(
    '\n',
  ),
).definitions;

export interface CheckRules {
  /** OKRA's `type` is for inputs as well. */
  readonly typesAreInputs: boolean;
  readonly place: Place;
}

/** @throws INVALID_ARGUMENT with the place of every problem. */
export function checkDocument(served: ServedDocument, { typesAreInputs, place }: CheckRules): void {
  expectNone(unknownTypes(served), place); // here, since the library compares each with all names, at a price
  if (!typesAreInputs) expectNone(problemsOf(asWritten(served)), place);
  expectNone(problemsOf(asInputs(served)), place);
}

function problemsOf(document: DocumentNode): readonly GraphQLError[] {
  const problems = validateSDL(document);
  return problems.length > 0 ? problems : validateSchema(buildASTSchema(document, { assumeValidSDL: true }));
}

function asWritten({ service, objects, enums }: ServedDocument): DocumentNode {
  return documentOf([...objects, ...enums, service], service);
}

function asInputs({ service, objects, enums }: ServedDocument): DocumentNode {
  const fields = (service.fields ?? []).map(withResultAmongArguments);
  const methods = { ...service, directives: [], fields };
  return documentOf([...objects.map(toInput), ...enums, methods], service);
}

function documentOf(definitions: readonly DefinitionNode[], { name }: ObjectTypeDefinitionNode): DocumentNode {
  const type = { kind: Kind.NAMED_TYPE, name } as const;
  const operationTypes = [{ kind: Kind.OPERATION_TYPE_DEFINITION, operation: OperationTypeNode.QUERY, type } as const];
  const schema: SchemaDefinitionNode = { kind: Kind.SCHEMA_DEFINITION, operationTypes };
  return { kind: Kind.DOCUMENT, definitions: [...PRELUDE, ...definitions, schema] };
}

function toInput(object: ObjectNode): InputObjectTypeDefinitionNode {
  const { kind, name } = object;
  if (kind === Kind.INPUT_OBJECT_TYPE_DEFINITION) return object;
  const fields = (object.fields ?? []).map(fieldToInput);
  return { kind: Kind.INPUT_OBJECT_TYPE_DEFINITION, name, fields, ...placeOf(object) };
}

function fieldToInput(field: FieldDefinitionNode): InputValueDefinitionNode {
  return { kind: Kind.INPUT_VALUE_DEFINITION, name: field.name, type: field.type, ...placeOf(field) };
}

function withResultAmongArguments(method: FieldDefinitionNode): FieldDefinitionNode {
  const given = method.arguments ?? [];
  const taken = given.map(({ name }) => name.value.length);
  const value = 'r'.repeat(1 + Math.max(0, ...taken));
  const name = { kind: Kind.NAME, value, ...placeOf(method.name) } as const;
  const result = { kind: Kind.INPUT_VALUE_DEFINITION, name, type: method.type, ...placeOf(method) } as const;
  const nothing: TypeNode = { kind: Kind.NAMED_TYPE, name: { kind: Kind.NAME, value: 'Boolean' } };
  return { ...method, directives: [], arguments: [...given, result], type: nothing };
}

function placeOf({ loc }: ASTNode): Pick<ASTNode, 'loc'> {
  return loc === undefined ? {} : { loc };
}

function unknownTypes({ service, objects, enums }: ServedDocument): GraphQLError[] {
  const known = new Set([...SCALARS.keys(), ...[...objects, ...enums].map(({ name }) => name.value)]);
  const methods = (service.fields ?? []).flatMap(({ type, arguments: given = [] }) => [
    ...given.map((argument) => argument.type),
    type,
  ]);
  const types = [...methods, ...objects.flatMap(({ fields = [] }) => fields.map(({ type }) => type))];
  return types.flatMap((type) => typeProblem(type, known) ?? []);
}

function typeProblem(type: TypeNode, known: ReadonlySet<string>): GraphQLError | undefined {
  let inner = type;
  for (let depth = 0; inner.kind !== Kind.NAMED_TYPE; inner = inner.type) {
    if (inner.kind === Kind.LIST_TYPE) depth += 1;
    if (depth > MAX_LIST_DEPTH) return new GraphQLError(`expected at most ${MAX_LIST_DEPTH} lists`, { nodes: type });
  }
  if (known.has(inner.name.value)) return undefined;
  return new GraphQLError(`unknown type ${JSON.stringify(inner.name.value)}`, { nodes: inner });
}

function scalar(name: string): string {
  return `scalar ${name}`;
}
