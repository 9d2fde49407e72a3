/** `describe` and `client`: what a node says of a service, as text and as TypeScript. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ServiceDescription } from '@plexspaces/client';
import { DescriptionForm } from '@plexspaces/proto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { typedClient } from '../../../packages/cli/src/typed-client/typed-client.ts';
import { startFakeNode } from '../client/fake-node.ts';
import { runHere } from './run-command.ts';

const FIELD = { name: 'count', doc: 'How many.\nAt least 1.', type: 'Int!', defaultValue: '1', deprecated: undefined };
const METHOD = {
  name: 'add',
  doc: 'Adds.',
  deprecated: undefined,
  input: 'Numbers!',
  arguments: [],
  output: '[Kind]',
  example: `{"note":"it's"}`,
};
const DESCRIPTION: ServiceDescription = {
  service: 'demo.my-adder.v1',
  form: 'graphql',
  text: '…',
  name: 'Service',
  doc: 'Adds up.',
  namespace: '',
  version: '',
  methods: [
    METHOD,
    {
      ...METHOD,
      name: 'then',
      doc: '',
      deprecated: 'use add',
      input: undefined,
      arguments: [FIELD],
      output: 'BigInt!',
    },
    { ...METHOD, name: 'reset', doc: '', input: undefined, output: 'Boolean', example: undefined },
  ],
  objects: [
    {
      name: 'Numbers',
      doc: '',
      fields: [FIELD, { ...FIELD, name: 'next', doc: '', type: '[Numbers!]', defaultValue: undefined }],
    },
  ],
  enums: [
    {
      name: 'Kind',
      doc: 'What.',
      values: [
        { name: 'SUM', doc: '', deprecated: undefined },
        { name: 'NONE', doc: 'Nothing.', deprecated: 'why' },
      ],
    },
  ],
};

let directory = '';
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'plexspaces-typed-'));
});
afterAll(() => rm(directory, { recursive: true }));

describe('plexspaces describe', () => {
  it('prints methods with a call for each, then types', async () => {
    await using node = await startFakeNode(answering(DESCRIPTION));
    const { code, stdout } = await runHere(['describe', 'demo.my-adder.v1', '--node', node.address]);
    expect(code).toBe(0);
    expect(stdout).toBe(`demo.my-adder.v1  (graphql)  # Adds up.

add(Numbers!): [Kind]  # Adds.
  $ plexspaces invoke demo.my-adder.v1 add '{"note":"it'\\''s"}'

then(count: Int! = 1): BigInt!  # Deprecated: use add
  $ plexspaces invoke demo.my-adder.v1 then '{"note":"it'\\''s"}'

reset(): Boolean
  $ plexspaces invoke demo.my-adder.v1 reset

type Numbers
  count: Int! = 1  # How many. At least 1.
  next: [Numbers!]

enum Kind  # What.
  SUM
  NONE  # Nothing. Deprecated: why
`);
  });

  it('prints the same as a document, and shows no control characters', async () => {
    const doc = 'a\u001b[31mred';
    await using node = await startFakeNode(
      answering({ ...DESCRIPTION, doc, form: 'okra', namespace: 'n', version: 'v1' }),
    );
    const { stdout } = await runHere(['describe', 'demo.my-adder.v1', '--node', node.address]);
    expect(stdout).toMatch(/^demo\.my-adder\.v1 {2}\(okra: n\.Service\.v1\) {2}# a\\u001b\[31mred\n/);
    const asJson = await runHere(['describe', 'demo.my-adder.v1', '--json', '--node', node.address]);
    expect(JSON.parse(asJson.stdout)).toMatchObject({
      service: 'demo.my-adder.v1',
      doc,
      methods: [{ name: 'add' }, {}, {}],
    });
  });
});

describe('plexspaces client', () => {
  it('writes a class with a method for each', async () => {
    await using node = await startFakeNode(answering(DESCRIPTION));
    const path = join(directory, 'adder.ts');
    const { code, stdout } = await runHere(['client', 'demo.my-adder.v1', '-o', path, '--node', node.address]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: `${path}: class MyAdderClient with 3 methods\n` });
    const source = await readFile(path, 'utf8');
    expect(source).toBe(typedClient(DESCRIPTION).source);
    for (const part of [
      "import type { InvokeOptions, PlexSpacesClient } from '@plexspaces/client';",
      `export interface Numbers {
  /**
   * How many.
   * At least 1.
   */
  readonly count?: number;
  readonly next?: readonly Numbers[] | null;
}`,
      `/** What. */\nexport type Kind = 'SUM' | 'NONE';`,
      '/** Adds up. */\nexport class MyAdderClient {',
      '  async add(input: Numbers, options?: InvokeOptions): Promise<readonly (Kind | null)[] | null> {',
      '  /** @deprecated use add */\n  async then_(input: { readonly count?: number } = {}, options?: InvokeOptions): Promise<number | string> {',
      "    return (await this.#call('then', input, options)) as number | string;",
      '  async reset(options?: InvokeOptions): Promise<boolean | null> {',
    ]) {
      expect(source).toContain(part);
    }
  });

  it('gives types other names where TypeScript has them, or the class', () => {
    const enums = ['string', 'Promise', 'AClient', 'AClient_'].map((name) => ({
      name,
      doc: '',
      values: [{ name: 'V', doc: '', deprecated: undefined }],
    }));
    const { source } = typedClient({
      ...DESCRIPTION,
      service: 'A',
      objects: [],
      enums,
      methods: [{ ...METHOD, input: 'string!', output: 'AClient!' }],
    });
    for (const name of ['string_', 'Promise_', 'AClient__', 'AClient_']) expect(source).toContain(`type ${name} = 'V'`);
    expect(source).toMatch(/add\(input: string_, options\?: InvokeOptions\): Promise<AClient_+>/);
  });

  it.each<[what: string, change: Partial<ServiceDescription>]>([
    ['a service', { service: "a'; evil(); '" }],
    ['a type', { enums: [{ name: 'A {} evil(); //', doc: '', values: [] }] }],
    [
      'a value',
      { enums: [{ name: 'Kind', doc: '', values: [{ name: "'; evil(); '", doc: '', deprecated: undefined }] }] },
    ],
    ['a field', { objects: [{ name: 'Numbers', doc: '', fields: [{ ...FIELD, name: 'a: evil' }] }] }],
    ["a field's type", { objects: [{ name: 'Numbers', doc: '', fields: [{ ...FIELD, type: 'Int; evil()' }] }] }],
    ['an unknown type', { methods: [{ ...METHOD, output: 'Other!' }] }],
    ['a type without an end', { methods: [{ ...METHOD, output: '['.repeat(10_000) }] }],
    ['a method', { methods: [{ ...METHOD, name: 'a() {} evil' }] }],
    ['an argument', { methods: [{ ...METHOD, input: undefined, arguments: [{ ...FIELD, name: '}) { evil(); ' }] }] }],
  ])('takes %s only by a name that is one', (_what, change) => {
    expect(() => typedClient({ ...DESCRIPTION, ...change })).toThrow(/expected (a name|a type|segments)/);
  });

  it('lets no note end its comment', () => {
    const doc = 'a */ evil();\u2028evil(); /*\r\n * b';
    const { source } = typedClient({ ...DESCRIPTION, doc, methods: [{ ...METHOD, doc, deprecated: doc }] });
    const outside = source.replaceAll(/\/\*[\s\S]*?\*\//g, '');
    expect(source).toContain('a *\\/ evil();');
    expect(outside).not.toContain('evil');
  });
});

function answering({
  methods,
  objects,
  enums,
  form,
  ...rest
}: ServiceDescription): Parameters<typeof startFakeNode>[0] {
  const reply = {
    ...rest,
    form: form === 'okra' ? DescriptionForm.DESCRIPTION_FORM_OKRA : DescriptionForm.DESCRIPTION_FORM_GRAPHQL,
    methods: methods.map(({ input = '', example = '', ...method }) => ({
      ...method,
      input,
      example,
      arguments: [...method.arguments],
    })),
    objects: objects.map((object) => ({ ...object, fields: [...object.fields] })),
    enums: enums.map((values) => ({ ...values, values: [...values.values] })),
  };
  return { descriptions: { describeService: async () => reply } };
}
