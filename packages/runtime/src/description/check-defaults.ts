/** Defaults are values of their types: a description that says otherwise would say it to every reader. */
import { GraphQLError, Kind, valueFromASTUntyped } from 'graphql';
import type { FieldDefinitionNode, InputValueDefinitionNode } from 'graphql';
import type { Description } from './description.ts';
import { PayloadWalk } from './payload-walk.ts';
import { expectNone } from './problems.ts';
import type { Place } from './problems.ts';
import type { ServedDocument } from './served-document.ts';
import { TypeChecks } from './type-checks.ts';
import { toReference } from './type-references.ts';

/** @throws INVALID_ARGUMENT with the place of each default that is none. */
export function checkDefaults(served: ServedDocument, description: Description, place: Place): void {
  const checks = new TypeChecks(description);
  expectNone(
    fieldsOf(served).flatMap((field) => defaultProblem(field, checks) ?? []),
    place,
  );
}

function fieldsOf({ service, objects }: ServedDocument): InputValueDefinitionNode[] {
  const given = (service.fields ?? []).flatMap((method) => method.arguments ?? []);
  const isInput = (field: FieldDefinitionNode | InputValueDefinitionNode): field is InputValueDefinitionNode =>
    field.kind === Kind.INPUT_VALUE_DEFINITION;
  return [...given, ...objects.flatMap(({ fields = [] }) => [...fields].filter(isInput))];
}

function defaultProblem(
  { defaultValue, type }: InputValueDefinitionNode,
  checks: TypeChecks,
): GraphQLError | undefined {
  if (defaultValue === undefined) return undefined;
  const walk = new PayloadWalk();
  checks.of(toReference(type))(valueFromASTUntyped(defaultValue), walk);
  const [error] = walk.errors;
  return error === undefined ? undefined : new GraphQLError(`default: ${error}`, { nodes: defaultValue });
}
