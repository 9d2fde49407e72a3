/** What a service says of itself: its methods, and the types of what they take and give. */
import { DescriptionForm } from '@plexspaces/proto';
import type { DescribedField, DescribedMethod, DescribeServiceResponse } from '@plexspaces/proto';
import type { CallOptions } from './options.ts';
import { stubOptions } from './stubs.ts';
import type { Stubs } from './stubs.ts';

/** Types are in GraphQL's notation, e.g. `[Float!]!`. */
export interface ServiceDescription {
  readonly service: string;
  /** The form that it was written in. */
  readonly form: 'graphql' | 'okra' | 'json' | 'unknown';
  /** As it was deployed. */
  readonly text: string;
  /** In that text. */
  readonly name: string;
  readonly doc: string;
  /** OKRA's; empty: not said. */
  readonly namespace: string;
  readonly version: string;
  readonly methods: readonly MethodDescription[];
  readonly objects: readonly ObjectDescription[];
  readonly enums: readonly EnumDescription[];
}

export interface MethodDescription {
  readonly name: string;
  readonly doc: string;
  /** Why it should not be called any more. */
  readonly deprecated: string | undefined;
  /** Of the payload; undefined: it is an object of the arguments, or nothing where there are none. */
  readonly input: string | undefined;
  readonly arguments: readonly FieldDescription[];
  readonly output: string;
  /** A payload that it accepts, as JSON; undefined: it takes none, or one that is too large to show. */
  readonly example: string | undefined;
}

export interface ObjectDescription {
  readonly name: string;
  readonly doc: string;
  readonly fields: readonly FieldDescription[];
}

export interface FieldDescription {
  readonly name: string;
  readonly doc: string;
  readonly type: string;
  /** What the actor takes where it is missing, as it was written. */
  readonly defaultValue: string | undefined;
  readonly deprecated: string | undefined;
}

export interface EnumDescription {
  readonly name: string;
  readonly doc: string;
  readonly values: readonly { readonly name: string; readonly doc: string; readonly deprecated: string | undefined }[];
}

const FORMS: ReadonlyMap<DescriptionForm, ServiceDescription['form']> = new Map([
  [DescriptionForm.DESCRIPTION_FORM_GRAPHQL, 'graphql'],
  [DescriptionForm.DESCRIPTION_FORM_OKRA, 'okra'],
  [DescriptionForm.DESCRIPTION_FORM_JSON, 'json'],
]);

export async function describeService(
  { descriptions }: Stubs,
  service: string,
  options: CallOptions,
  deadlineMs: number,
): Promise<ServiceDescription> {
  return toDescription(await descriptions.describeService({ service }, stubOptions(options, deadlineMs)));
}

function toDescription(reply: DescribeServiceResponse): ServiceDescription {
  const { service, form, text, name, doc, namespace, version } = reply;
  return {
    service,
    form: FORMS.get(form) ?? 'unknown',
    text,
    name,
    doc,
    namespace,
    version,
    methods: reply.methods.map(toMethod),
    objects: reply.objects.map((object) => ({ ...object, fields: object.fields.map(toField) })),
    enums: reply.enums.map((values) => ({ ...values, values: values.values.map(withDeprecated) })),
  };
}

function toMethod(method: DescribedMethod): MethodDescription {
  const { name, doc, deprecated, input, output, example } = method;
  return {
    name,
    doc,
    deprecated,
    input: input === '' ? undefined : input,
    arguments: method.arguments.map(toField),
    output,
    example: example === '' ? undefined : example,
  };
}

function toField({ name, doc, type, defaultValue, deprecated }: DescribedField): FieldDescription {
  return { name, doc, type, defaultValue, deprecated };
}

function withDeprecated(value: {
  name: string;
  doc: string;
  deprecated?: string | undefined;
}): EnumDescription['values'][number] {
  return { name: value.name, doc: value.doc, deprecated: value.deprecated };
}
