/** What is wrong with a description's text, with the place of it, as one error. */
import { PlexSpacesError } from '@plexspaces/core';
import { GraphQLError } from 'graphql';
import type { ASTNode } from 'graphql';

/** Where in the text that was deployed: `line 3, column 7`, or a path in JSON. @param position in what was parsed. */
export type Place = (position: number) => string;

const MAX_PROBLEMS = 8;
const MAX_PROBLEM_LENGTH = 300;

const LINE_END = /\r\n|[\n\r]/;

export function lineAndColumnIn(text: string): Place {
  return (position) => {
    const lines = text.slice(0, position).split(LINE_END);
    return `line ${lines.length}, column ${(lines.at(-1) ?? '').length + 1}`;
  };
}

/** @throws INVALID_ARGUMENT (VALIDATION) naming each problem with its place; returns where there is none. */
export function expectNone(problems: readonly GraphQLError[], place: Place): void {
  if (problems.length > 0) throw invalidDescription(problems, place);
}

export function invalidDescription(problems: readonly GraphQLError[], place: Place): PlexSpacesError {
  const told = problems.slice(0, MAX_PROBLEMS).map((problem) => problemText(problem, place));
  const rest = problems.length > told.length ? [`and ${problems.length - told.length} more`] : [];
  return invalidSchema([...told, ...rest].join('; '));
}

export function invalidSchema(message: string): PlexSpacesError {
  return new PlexSpacesError('INVALID_ARGUMENT', `schema: ${message}`, { reason: 'VALIDATION' });
}

/** What GraphQL has and descriptions have no meaning for. */
export function unservedSchema(what: string, node: ASTNode, place: Place): PlexSpacesError {
  const problem = new GraphQLError(`${what} is not served by this node yet`, { nodes: node });
  return new PlexSpacesError('UNIMPLEMENTED', `schema: ${problemText(problem, place)}`, {
    reason: 'UNSUPPORTED_FIELD',
  });
}

function problemText(problem: GraphQLError, place: Place): string {
  const text = problem.message.replace(/\.$/, '').slice(0, MAX_PROBLEM_LENGTH);
  const [position] = problem.positions ?? [];
  return position === undefined ? text : `${place(position)}: ${text}`;
}
