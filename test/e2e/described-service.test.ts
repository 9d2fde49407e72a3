/**
 * Services with a description, over gRPC and the command line: what it does not say reaches no guest, whose counter
 * tells, and is refused with the path of what is wrong. Control: without a description the same reaches the guest.
 */
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PlexSpacesError } from '@plexspaces/client';
import type { PlexSpacesClient } from '@plexspaces/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { builtApplication } from '../support/built-actors.ts';
import { environment, plexspaces, plexspacesJson, PROJECT, runProgram } from '../support/command-line.ts';
import { startFreshDaemon } from '../support/daemon.ts';
import type { Daemon } from '../support/daemon.ts';

/** The durable calculator's, with one method that answers something else than it says. */
const GRAPHQL = `type Service {
  add(input: Operands!): Result!
  divide(input: Operands!): Result!
  "How many operations there were."
  count: Count!
  history: Count
}
input Operands { operands: [Float!]!, mode: Mode, digits: Int }
enum Mode { EXACT ROUNDED }
type Result { result: Float!, operation: String!, operation_count: Int!, durable: Boolean! }
type Count { operation_count: Int! }
`;
const OKRA = `@okra(namespace: "demo", version: "v1")
${GRAPHQL.replace('type Service', 'service Calculator').replace('input Operands', 'type Operands')}`;
const field = (name: string, type: string, required = true): object => ({ name, type, required });
const method = (name: string, inputType: string, outputType: string): object => ({ name, inputType, outputType });
const JSON_FORM = JSON.stringify({
  types: [
    {
      name: 'Operands',
      fields: [field('operands', '[Float!]'), field('mode', 'Mode', false), field('digits', 'Int', false)],
    },
    {
      name: 'Result',
      fields: [
        field('result', 'Float'),
        field('operation', 'String'),
        field('operation_count', 'Int'),
        field('durable', 'Boolean'),
      ],
    },
    { name: 'Count', fields: [field('operation_count', 'Int')] },
  ],
  enums: [{ name: 'Mode', values: [{ name: 'EXACT' }, { name: 'ROUNDED' }] }],
  services: [
    {
      name: 'Calculator',
      namespace: 'demo',
      version: 'v1',
      methods: [
        method('add', 'Operands', 'Result'),
        method('divide', 'Operands', 'Result'),
        method('count', '', 'Count'),
        method('history', '', 'Count'),
      ],
    },
  ],
});

const FORMS: readonly (readonly [form: string, file: string, text: string])[] = [
  ['graphql', 'service.graphql', GRAPHQL],
  ['okra', 'service.okra.gql', OKRA],
  ['json', 'service.description.json', JSON_FORM],
];

let daemon: Daemon;
let client: PlexSpacesClient;
let directory: string;
let component: Uint8Array;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'plexspaces-described-'));
  const built = join(await builtApplication('durable_calculator'), 'dist', 'durable_calculator.wasm');
  component = await readFile(built);
  daemon = await startFreshDaemon();
  client = await daemon.connect();
  for (const [form, file, text] of FORMS) {
    const application = join(directory, form);
    await mkdir(application);
    await cp(built, join(application, 'component.wasm'));
    await writeFile(join(application, file), text);
    // Two of the files are found by their names.
    const schema = form === 'okra' ? { schema: file } : {};
    const config = { name: form, version: '1', service: `test.${form}.v1`, component: 'component.wasm', ...schema };
    await writeFile(join(application, 'plexspaces.json'), JSON.stringify(config));
    await plexspacesJson(['deploy', application], { node: daemon.grpc });
  }
});

afterAll(async () => {
  client?.close();
  await daemon?.[Symbol.asyncDispose]();
  await rm(directory, { recursive: true });
});

const REFUSED: readonly (readonly [what: string, method: string, input: unknown, code: string, message: string])[] = [
  [
    'an unknown method',
    'subtract',
    {},
    'NOT_FOUND',
    'expected one of the methods add, divide, count, history, found "subtract"',
  ],
  ['a missing field', 'add', {}, 'INVALID_ARGUMENT', '$.operands: expected [Float!]!, found nothing'],
  ['a wrong type', 'add', { operands: [1, 2, '3'] }, 'INVALID_ARGUMENT', '$.operands[2]: expected Float, found String'],
  [
    'a bad enum value',
    'add',
    { operands: [1], mode: 'exact' },
    'INVALID_ARGUMENT',
    '$.mode: expected Mode (EXACT, ROUNDED), found String "exact"',
  ],
  [
    'an Int outside 32 bits',
    'add',
    { operands: [1], digits: 2 ** 31 },
    'INVALID_ARGUMENT',
    '$.digits: expected Int (a whole number of 32 bits), found Int 2147483648',
  ],
  [
    'an extra field',
    'add',
    { operands: [1], base: 2 },
    'INVALID_ARGUMENT',
    '$.base: expected one of the fields operands, mode, digits, found an unknown field',
  ],
  ['another shape', 'add', [1, 2], 'INVALID_ARGUMENT', '$: expected Operands, found a list'],
  [
    'an input where there is none',
    'count',
    { a: 1 },
    'INVALID_ARGUMENT',
    '$.a: expected no fields, found an unknown field',
  ],
  ['bytes that are no JSON', 'add', Uint8Array.of(0xff), 'INVALID_ARGUMENT', '$: expected UTF-8, found other bytes'],
];

describe.each(FORMS)('a description in the form %s', (form) => {
  const service = `test.${form}.v1`;

  it('lets through what it says, and the guest answers', async () => {
    expect(await client.invoke(service, 'add', { operands: [1, 2, 3], digits: 2, mode: 'EXACT' })).toMatchObject({
      result: 6,
    });
    await expect(client.invoke(service, 'divide', { operands: [1, 0] })).rejects.toMatchObject({
      code: 'EXECUTION_ERROR',
    });
    expect(await countOf(service)).toBe(1);
  });

  it.each(REFUSED)('refuses %s, and the guest has counted nothing', async (_what, name, input, code, message) => {
    const before = await countOf(service);
    await expect(client.invoke(service, name, input)).rejects.toMatchObject({
      code,
      message: expect.stringContaining(message),
      details: expect.objectContaining({ reason: 'VALIDATION' }),
    });
    await expect(client.tell(service, name, input)).rejects.toMatchObject({ code });
    expect(await countOf(service)).toBe(before);
    const actor = (await client.actors(form)).find(({ id }) => id === `${service}/default`);
    expect(actor?.sequence).toBe(await sequenceOf(service));
  });

  it('tells every error at once, also over the command line', async () => {
    const payload = '{"operands":["1",2,null],"more":true}';
    const { code, stdout } = await plexspaces(['invoke', service, 'add', payload, '--json'], { node: daemon.grpc });
    expect(code).toBe(1);
    const { error } = JSON.parse(stdout) as { error: { code: string; details: { errors: string } } };
    expect(error.code).toBe('INVALID_ARGUMENT');
    expect(JSON.parse(error.details.errors)).toEqual([
      '$.operands[0]: expected Float, found String',
      '$.operands[2]: expected Float, found null',
      '$.more: expected one of the fields operands, mode, digits, found an unknown field',
    ]);
  });

  it('makes a reply of another shape INTERNAL', async () => {
    await expect(client.invoke(service, 'history')).rejects.toMatchObject({
      code: 'INTERNAL',
      message: expect.stringContaining('$.operation_count: expected Int!, found nothing'),
    });
  });

  it('is described', async () => {
    const { code, stdout } = await plexspaces(['describe', service], { node: daemon.grpc });
    expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringContaining('add(Operands!): Result!') });
    const { methods } = await client.describe(service);
    expect(methods.map(({ name }) => name)).toEqual(['add', 'divide', 'count', 'history']);
    const example = JSON.parse(methods[0]?.example ?? '');
    await expect(client.invoke(`${service}/example`, 'add', example)).resolves.toMatchObject({ operation: 'add' });
  });
});

describe('without a description', () => {
  it('the same payloads reach the guest, which answers or says no itself', async () => {
    const service = 'test.bare.v1';
    await client.deploy({ name: 'bare', version: '1', component, manifest: { service } });
    for (const [, name, input] of REFUSED) {
      const before = await sequenceOf(service);
      const outcome = await client.invoke(service, name, input).then(
        () => 'answered',
        (thrown: unknown) => (thrown instanceof PlexSpacesError ? thrown.code : thrown),
      );
      expect(['answered', 'EXECUTION_ERROR']).toContain(outcome);
      expect(await sequenceOf(service)).toBe(before + 1);
    }
    await expect(client.describe(service)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('and replies are what they are where they are not checked', async () => {
    await using other = await startFreshDaemon({ args: ['--check-replies', 'off'] });
    await using there = await other.connect();
    await there.deploy({ name: 'a', version: '1', component, manifest: { service: 'a', schema: GRAPHQL } });
    expect(await there.invoke('a', 'history')).toEqual({ history: [] });
    await expect(there.invoke('a', 'add', {})).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  });
});

describe('a bad description', () => {
  it('is refused at deploy with its line and column, and nothing is left', async () => {
    const text = 'type Service {\n  add(input: Operand!): Int\n}';
    const manifest = { service: 'test.bad.v1', schema: text };
    await expect(client.deploy({ name: 'bad', version: '1', component, manifest })).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: 'schema: line 2, column 14: unknown type "Operand"',
    });
    expect((await client.list()).map(({ name }) => name)).not.toContain('bad');
  });
});

describe('a typed client', () => {
  it('compiles under strict and calls the service; a wrong call does not compile', async () => {
    const project = join(directory, 'typed');
    await mkdir(project);
    await symlink(join(PROJECT, 'node_modules'), join(project, 'node_modules'));
    await writeFile(join(project, 'package.json'), '{"type":"module"}');
    await writeFile(join(project, 'tsconfig.json'), await readFile(join(PROJECT, 'tsconfig.base.json')));
    const service = 'test.graphql.v1';
    await plexspacesJson(['client', service, '-o', join(project, 'calculator.ts')], { node: daemon.grpc });
    await writeFile(join(project, 'use.ts'), useOf('{ operands: [1, 2], mode: "EXACT" }'));
    expect(await compile(project)).toMatchObject({ code: 0, stdout: '' });
    const args = ['--conditions=@plexspaces/source', join(project, 'use.ts'), daemon.grpc];
    const { stdout, stderr } = await runProgram(process.execPath, args, { env: environment() });
    expect({ stdout, stderr }).toMatchObject({ stdout: '3 1\n' });
    const wrong = ['{ operands: ["1"] }', '{}', '{ operands: [1], mode: "MAYBE" }', '{ operands: [1], more: 1 }'];
    for (const [index, input] of wrong.entries()) await writeFile(join(project, `wrong-${index}.ts`), useOf(input));
    const { code, stdout: errors } = await compile(project);
    expect(code).not.toBe(0);
    const lines = errors.split('\n').flatMap((line) => /^(wrong-\d\.ts\(\d+),/.exec(line)?.[1] ?? []);
    expect(lines.toSorted()).toEqual(wrong.map((_, index) => `wrong-${index}.ts(5`));
  });
});

function useOf(input: string): string {
  return `import { connect } from '@plexspaces/client';
import { GraphqlClient } from './calculator.ts';
await using client = await connect(process.argv[2] ?? '');
const calculator = new GraphqlClient(client, 'typed');
const { result } = await calculator.add(${input});
console.log(result, (await calculator.count()).operation_count);
`;
}

function compile(project: string): ReturnType<typeof runProgram> {
  const tsc = join(PROJECT, 'node_modules', '.bin', 'tsc');
  const args = ['-p', project, '--noEmit', '--declaration', 'false', '--isolatedDeclarations', 'false'];
  return runProgram(tsc, args, { cwd: project, env: environment() });
}

async function countOf(service: string): Promise<number> {
  const { operation_count: count } = (await client.invoke(service, 'count')) as { operation_count: number };
  return count;
}

/** The number of the last message that the actor handled. */
async function sequenceOf(service: string): Promise<number> {
  const actor = (await client.actors()).find(({ id }) => id === `${service}/default`);
  return actor?.sequence ?? 0;
}
