/** A service's description for a reader: methods with their types, notes and an example call, then the types. */
import type { FieldDescription, MethodDescription, ServiceDescription } from '@plexspaces/client';
import { oneLine } from './output.ts';

interface Noted {
  readonly doc: string;
  readonly deprecated?: string | undefined;
}

export function descriptionText(description: ServiceDescription): string {
  const { service, methods, objects, enums } = description;
  const blocks = [
    [service + titleNote(description)],
    ...methods.map((method) => methodLines(service, method)),
    ...objects.map(({ name, doc, fields }) => [`type ${name}${note({ doc })}`, ...fields.map(fieldLine)]),
    ...enums.map(({ name, doc, values }) => [
      `enum ${name}${note({ doc })}`,
      ...values.map((value) => `  ${value.name}${note(value)}`),
    ]),
  ];
  return blocks.map((lines) => lines.map(oneLineKept).join('\n')).join('\n\n');
}

function titleNote({ name, namespace, version, doc, form }: ServiceDescription): string {
  const okra = [namespace, name, version].filter((part) => part !== '').join('.');
  return `  (${form === 'graphql' ? form : `${form}: ${okra}`})${note({ doc })}`;
}

function methodLines(service: string, method: MethodDescription): string[] {
  const { name, output, input, example } = method;
  const given = input === undefined ? method.arguments.map(fieldText).join(', ') : input;
  const call = `  $ plexspaces invoke ${service} ${name}${example === undefined ? '' : ` ${shellQuoted(example)}`}`;
  return [`${name}(${given}): ${output}${note(method)}`, call];
}

function fieldLine(field: FieldDescription): string {
  return `  ${fieldText(field)}${note(field)}`;
}

function fieldText({ name, type, defaultValue }: FieldDescription): string {
  return `${name}: ${type}${defaultValue === undefined ? '' : ` = ${defaultValue}`}`;
}

function note({ doc, deprecated }: Noted): string {
  const told = [doc, deprecated === undefined ? '' : `Deprecated: ${deprecated}`].filter((part) => part !== '');
  return told.length === 0 ? '' : `  # ${told.join(' ')}`;
}

function shellQuoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** What the description's author wrote may hold anything. */
function oneLineKept(line: string): string {
  const indent = /^ */.exec(line)?.[0] ?? '';
  return indent + oneLine(line);
}
