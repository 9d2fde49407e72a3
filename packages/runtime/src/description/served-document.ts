/** What of a parsed document a description has a meaning for; everything else is refused by name, never ignored. */
import { GraphQLError, Kind } from 'graphql';
import type {
  ConstDirectiveNode,
  DefinitionNode,
  DocumentNode,
  EnumTypeDefinitionNode,
  InputObjectTypeDefinitionNode,
  NameNode,
  ObjectTypeDefinitionNode,
} from 'graphql';
import { invalidDescription, unservedSchema } from './problems.ts';
import type { Place } from './problems.ts';
import { SCALARS } from './scalars.ts';

export type ObjectNode = ObjectTypeDefinitionNode | InputObjectTypeDefinitionNode;

export interface ServedDocument {
  readonly service: ObjectTypeDefinitionNode;
  readonly objects: readonly ObjectNode[];
  readonly enums: readonly EnumTypeDefinitionNode[];
}

export interface DocumentRules {
  /** The service's name where the text said it; undefined: it is the type `Service`, or the one with `@service`. */
  readonly service: string | undefined;
  readonly place: Place;
}

const MAX_DEFINITIONS = 500;
/** Methods, arguments, fields and values in all. */
const MAX_MEMBERS = 4_000;
const SERVICE = 'Service';
const MARK = 'service';
const UNSERVED: Readonly<Partial<Record<Kind, string>>> = {
  [Kind.SCHEMA_DEFINITION]: 'a schema definition (the service is the type Service)',
  [Kind.SCHEMA_EXTENSION]: 'an extension of the schema',
  [Kind.INTERFACE_TYPE_DEFINITION]: 'an interface',
  [Kind.UNION_TYPE_DEFINITION]: 'a union',
  [Kind.DIRECTIVE_DEFINITION]: 'a directive of your own',
  [Kind.SCALAR_TYPE_DEFINITION]: 'a scalar of your own',
};

/** @throws UNIMPLEMENTED or INVALID_ARGUMENT with the place of what is refused. */
export function serveDocument(document: DocumentNode, rules: DocumentRules): ServedDocument {
  const { place } = rules;
  const extra = document.definitions[MAX_DEFINITIONS];
  if (extra !== undefined) throw refusal(`expected at most ${MAX_DEFINITIONS} definitions`, extra, place);
  expectMembers(document, place);
  const types: ObjectNode[] = [];
  const enums: EnumTypeDefinitionNode[] = [];
  for (const definition of document.definitions) {
    if (definition.kind === Kind.OBJECT_TYPE_DEFINITION) types.push(definition);
    else if (definition.kind === Kind.INPUT_OBJECT_TYPE_DEFINITION) types.push(definition);
    else if (definition.kind === Kind.ENUM_TYPE_DEFINITION) enums.push(definition);
    else if (!isKnown(definition)) throw unserved(definition, place);
  }
  const service = findService(types, rules);
  const objects = types.filter((type) => type !== service);
  for (const { name } of [...types, ...enums]) {
    if (SCALARS.has(name.value)) throw refusal(`${name.value} is a scalar already`, name, place);
  }
  for (const object of objects) expectPlain(object, place);
  for (const values of enums) expectPlainEnum(values, place);
  expectPlainService(service, rules);
  return { service, objects, enums };
}

export function isDeprecated({ name }: ConstDirectiveNode): boolean {
  return name.value === 'deprecated';
}

function expectMembers(document: DocumentNode, place: Place): void {
  const membersOf = (definition: DefinitionNode): number => {
    if ('values' in definition) return definition.values?.length ?? 0;
    if (!('fields' in definition)) return 0;
    const given = (definition.fields ?? []).map((field) => ('arguments' in field ? (field.arguments?.length ?? 0) : 0));
    return given.reduce((sum, count) => sum + 1 + count, 0);
  };
  let members = 0;
  for (const definition of document.definitions) {
    members += membersOf(definition);
    if (members <= MAX_MEMBERS) continue;
    throw refusal(`expected at most ${MAX_MEMBERS} methods, arguments, fields and values`, definition, place);
  }
}

/** What editors want to be declared, and is known here. */
function isKnown(definition: DefinitionNode): boolean {
  if (definition.kind === Kind.DIRECTIVE_DEFINITION) return definition.name.value === MARK;
  const isScalar = definition.kind === Kind.SCALAR_TYPE_DEFINITION;
  return isScalar && SCALARS.has(definition.name.value) && definition.directives?.length === 0;
}

function findService(types: readonly ObjectNode[], { service, place }: DocumentRules): ObjectTypeDefinitionNode {
  const isService = (type: ObjectNode): type is ObjectTypeDefinitionNode =>
    type.kind === Kind.OBJECT_TYPE_DEFINITION && (type.name.value === (service ?? SERVICE) || isMarked(type, service));
  const [found, second] = types.filter(isService);
  if (found === undefined) {
    const expected = `expected the type ${SERVICE}, or one type with @${MARK}, found neither`;
    throw invalidDescription([new GraphQLError(expected)], place);
  }
  if (second !== undefined) throw refusal(`expected one service, found ${second.name.value} too`, second.name, place);
  return found;
}

function isMarked(type: ObjectTypeDefinitionNode, service: string | undefined): boolean {
  return service === undefined && (type.directives ?? []).some(({ name }) => name.value === MARK);
}

function expectPlainService(service: ObjectTypeDefinitionNode, rules: DocumentRules): void {
  const mark = rules.service === undefined ? MARK : 'okra';
  expectNoInterfaces(service, rules.place);
  for (const directive of service.directives ?? []) {
    if (directive.name.value !== mark) throw unservedDirective(directive, rules.place);
  }
  for (const method of service.fields ?? []) {
    expectDeprecatedOnly(method, rules.place);
    for (const argument of method.arguments ?? []) expectDeprecatedOnly(argument, rules.place);
  }
}

function expectPlain(object: ObjectNode, place: Place): void {
  for (const directive of object.directives ?? []) throw unservedDirective(directive, place);
  if (object.kind === Kind.OBJECT_TYPE_DEFINITION) expectNoInterfaces(object, place);
  for (const field of object.fields ?? []) {
    expectDeprecatedOnly(field, place);
    const [argument] = field.kind === Kind.FIELD_DEFINITION ? (field.arguments ?? []) : [];
    if (argument !== undefined) throw unservedSchema("an argument of a type's field", argument, place);
  }
}

function expectNoInterfaces({ interfaces }: ObjectTypeDefinitionNode, place: Place): void {
  for (const implemented of interfaces ?? []) throw unservedSchema('an interface', implemented, place);
}

function expectPlainEnum(definition: EnumTypeDefinitionNode, place: Place): void {
  for (const directive of definition.directives ?? []) throw unservedDirective(directive, place);
  for (const value of definition.values ?? []) expectDeprecatedOnly(value, place);
}

interface Annotated {
  readonly name: NameNode;
  readonly directives?: readonly ConstDirectiveNode[] | undefined;
}

function expectDeprecatedOnly({ directives }: Annotated, place: Place): void {
  const other = directives?.find((directive) => !isDeprecated(directive));
  if (other !== undefined) throw unservedDirective(other, place);
}

function unservedDirective(directive: ConstDirectiveNode, place: Place): Error {
  return unservedSchema(`@${directive.name.value}`, directive, place);
}

function unserved(definition: DefinitionNode, place: Place): Error {
  return unservedSchema(UNSERVED[definition.kind] ?? 'an extension or an operation', definition, place);
}

function refusal(message: string, node: DefinitionNode | NameNode, place: Place): Error {
  return invalidDescription([new GraphQLError(message, { nodes: node })], place);
}
