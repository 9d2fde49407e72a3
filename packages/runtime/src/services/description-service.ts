/** DescriptionService: what a service says of itself, as a message. */
import { parseServiceId, PlexSpacesError } from '@plexspaces/core';
import { DescriptionForm } from '@plexspaces/proto';
import type {
  DescribedField,
  DescribedMethod,
  DescribeServiceResponse,
  DescriptionServiceImplementation,
} from '@plexspaces/proto';
import type { Applications } from '../actors/applications.ts';
import { formatType } from '../description/description.ts';
import type { Description, Field, Method } from '../description/description.ts';
import { exampleOf } from '../description/examples.ts';
import type { CallerContext } from './caller.ts';
import type { OutputGate } from './output-gate.ts';

const FORM = {
  graphql: DescriptionForm.DESCRIPTION_FORM_GRAPHQL,
  okra: DescriptionForm.DESCRIPTION_FORM_OKRA,
  json: DescriptionForm.DESCRIPTION_FORM_JSON,
} as const;

export function createDescriptionService(
  applications: Applications,
  gate: OutputGate,
): DescriptionServiceImplementation<CallerContext> {
  return {
    describeService: (request, { caller }) =>
      gate(() => {
        const service = parseServiceId(request.service);
        const { description } = applications.of(caller.tenant).serving(service);
        if (description !== undefined) return toMessage(service, description);
        throw new PlexSpacesError('NOT_FOUND', `${service} was deployed without a description`);
      }),
  };
}

function toMessage(service: string, description: Description): DescribeServiceResponse {
  const { form, text, name, doc, namespace, version, methods } = description;
  const types = [...description.types.values()];
  return {
    service,
    form: FORM[form],
    text,
    name,
    doc,
    namespace,
    version,
    methods: [...methods.values()].map((method) => methodMessage(method, description)),
    objects: types.flatMap((type) =>
      type.kind === 'object' ? { ...type, fields: type.fields.map(fieldMessage) } : [],
    ),
    enums: types.flatMap((type) => (type.kind === 'enum' ? { ...type, values: [...type.values] } : [])),
  };
}

function methodMessage(method: Method, description: Description): DescribedMethod {
  const { name, doc, deprecated, input, output } = method;
  return {
    name,
    doc,
    deprecated,
    input: input.kind === 'value' ? formatType(input.type) : '',
    arguments: input.kind === 'fields' ? input.fields.map(fieldMessage) : [],
    output: formatType(output),
    example: exampleOf(method, description) ?? '',
  };
}

function fieldMessage({ type, ...field }: Field): DescribedField {
  return { ...field, type: formatType(type) };
}
