/**
 * From a description's text to its one form within the node.
 *
 * | form    | is known by                       | the service                             |
 * | graphql | nothing else                      | the type `Service`, or that with `@service` |
 * | okra    | `service Name {` or `@okra(…)`    | the one `service`                       |
 * | json    | its first character, `{`          | the one of `services`                   |
 */
import { GraphQLError, Kind, parse, print, Source } from 'graphql';
import type { ConstDirectiveNode, FieldDefinitionNode, InputValueDefinitionNode, StringValueNode } from 'graphql';
import { PlexSpacesError } from '@plexspaces/core';
import { checkDefaults } from './check-defaults.ts';
import { checkDocument } from './check-document.ts';
import { translateJson } from './description-json.ts';
import type {
  Description,
  DescriptionForm,
  EnumDefinition,
  Field,
  Method,
  MethodInput,
  ObjectDefinition,
} from './description.ts';
import { readOkraNames, translateOkra } from './okra-text.ts';
import type { OkraNames } from './okra-text.ts';
import { invalidDescription, invalidSchema, lineAndColumnIn } from './problems.ts';
import type { Place } from './problems.ts';
import { isDeprecated, serveDocument } from './served-document.ts';
import type { ObjectNode, ServedDocument } from './served-document.ts';
import { toReference } from './type-references.ts';

/** A text that GraphQL can parse, and what was said beside it. */
interface Draft {
  readonly form: DescriptionForm;
  readonly sdl: string;
  readonly service: string | undefined;
  readonly namespace: string;
  readonly version: string;
  readonly place: Place;
}

export const MAX_DESCRIPTION_BYTES = 262_144;
const MAX_TOKENS = 32_768;
/** An argument of this name is the payload itself, others are fields of it. */
const WHOLE_PAYLOAD = 'input';

/** @throws INVALID_ARGUMENT (VALIDATION) with line and column, UNIMPLEMENTED naming what is not served. */
export function parseDescription(text: string): Description {
  const size = Buffer.byteLength(text);
  if (size > MAX_DESCRIPTION_BYTES) {
    throw invalidSchema(`expected at most ${MAX_DESCRIPTION_BYTES} bytes, found ${size}`);
  }
  let place = lineAndColumnIn(text);
  try {
    const draft = toDraft(text);
    ({ place } = draft);
    return readDescription(text, draft);
  } catch (thrown) {
    if (thrown instanceof GraphQLError) throw invalidDescription([thrown], place);
    if (thrown instanceof RangeError) throw invalidSchema('expected a text that is nested less deeply');
    throw PlexSpacesError.from(thrown);
  }
}

function toDraft(text: string): Draft {
  if (text.trimStart().startsWith('{')) return { form: 'json', ...translateJson(text) };
  const okra = translateOkra(text);
  if (okra !== undefined) return { form: 'okra', ...okra, place: lineAndColumnIn(text) };
  return { form: 'graphql', sdl: text, service: undefined, namespace: '', version: '', place: lineAndColumnIn(text) };
}

function readDescription(text: string, draft: Draft): Description {
  const { form, place } = draft;
  const source = new Source(draft.sdl);
  const document = parse(source, { maxTokens: MAX_TOKENS });
  // Each problem would look for its line from the beginning when it is made, and of thousands eight are told.
  source.body = '';
  const served = serveDocument(document, draft);
  checkDocument(served, { typesAreInputs: form !== 'graphql', place });
  const { service, objects, enums } = served;
  const types = [...objects.map(toObject), ...enums.map(toEnum)];
  const methods = (service.fields ?? []).map((method) => toMethod(method, form));
  const description = {
    form,
    text,
    name: service.name.value,
    doc: docOf(service),
    ...namesOf(served, draft),
    methods: new Map(methods.map((method) => [method.name, method])),
    types: new Map(types.map((type) => [type.name, type])),
  };
  checkDefaults(served, description, place);
  return description;
}

/** OKRA's text may have `@okra` behind the service's name as well. */
function namesOf({ service }: ServedDocument, { form, namespace, version, place }: Draft): OkraNames {
  const [directive] = form === 'okra' ? (service.directives ?? []) : [];
  if (directive === undefined) return { namespace, version };
  return readOkraNames(directive, (message) => {
    throw invalidDescription([new GraphQLError(message, { nodes: directive })], place);
  });
}

function toMethod(node: FieldDefinitionNode, form: DescriptionForm): Method {
  const input = toInput(node.arguments ?? [], form);
  return { name: node.name.value, ...notesOf(node), input, output: toReference(node.type) };
}

function toInput(given: readonly InputValueDefinitionNode[], form: DescriptionForm): MethodInput {
  const [first, second] = given;
  if (first === undefined) return { kind: 'none' };
  const isWhole = form !== 'graphql' || first.name.value === WHOLE_PAYLOAD;
  if (second === undefined && isWhole) return { kind: 'value', type: toReference(first.type) };
  if (form === 'graphql') return { kind: 'fields', fields: given.map(toField) };
  throw new GraphQLError('expected one argument at most', { nodes: second ?? first });
}

function toObject(node: ObjectNode): ObjectDefinition {
  return { kind: 'object', name: node.name.value, doc: docOf(node), fields: (node.fields ?? []).map(toField) };
}

function toField(node: FieldDefinitionNode | InputValueDefinitionNode): Field {
  const literal = node.kind === Kind.INPUT_VALUE_DEFINITION ? node.defaultValue : undefined;
  const defaultValue = literal === undefined ? undefined : print(literal);
  return { name: node.name.value, ...notesOf(node), type: toReference(node.type), defaultValue };
}

function toEnum({ name, values = [], ...node }: ServedDocument['enums'][number]): EnumDefinition {
  const toValue = (value: (typeof values)[number]): EnumDefinition['values'][number] => ({
    name: value.name.value,
    ...notesOf(value),
  });
  return { kind: 'enum', name: name.value, doc: docOf(node), values: values.map(toValue) };
}

interface Documented {
  readonly description?: StringValueNode | undefined;
}

interface Annotated extends Documented {
  readonly directives?: readonly ConstDirectiveNode[] | undefined;
}

function notesOf({ description, directives = [] }: Annotated): Pick<Field, 'doc' | 'deprecated'> {
  const [reason] = directives.find(isDeprecated)?.arguments ?? [];
  const text = reason?.value.kind === Kind.STRING ? reason.value.value : 'No longer supported';
  return { doc: docOf({ description }), deprecated: directives.some(isDeprecated) ? text : undefined };
}

function docOf({ description }: Documented): string {
  return description?.value ?? '';
}
