/** A type as GraphQL parsed it, as a description has it. */
import { Kind } from 'graphql';
import type { TypeNode } from 'graphql';
import type { TypeReference } from './description.ts';

export function toReference(node: TypeNode): TypeReference {
  const isRequired = node.kind === Kind.NON_NULL_TYPE;
  const inner = isRequired ? node.type : node;
  return inner.kind === Kind.LIST_TYPE
    ? { kind: 'list', item: toReference(inner.type), isRequired }
    : { kind: 'named', name: inner.name.value, isRequired };
}
