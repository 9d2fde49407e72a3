/** The three forms of a description come to one, and what is wrong in them is told with its place. */
import { describe, expect, it } from 'vitest';
import { parseDescription } from '../../../packages/runtime/src/description/parse-description.ts';

const GRAPHQL = `"""Adds up."""
type Service {
  "Adds numbers."
  add(input: Operands!): Result!
}
input Operands { operands: [Float!]! note: String }
type Result { result: Float!, kind: Kind! }
"What was done."
enum Kind { SUM "none" NOTHING @deprecated(reason: "use SUM") }
`;

const OKRA = `@okra(namespace: "demo", version: "v1")

"""Adds up."""
service Adder {
  "Adds numbers."
  add(input: Operands!): Result!
}
type Operands { operands: [Float!]! note: String }
type Result { result: Float!, kind: Kind! }
"What was done."
enum Kind { SUM "none" NOTHING @deprecated(reason: "use SUM") }
`;

const JSON_FORM = JSON.stringify({
  types: [
    {
      name: 'Operands',
      fields: [
        { name: 'operands', type: '[Float!]', required: true, directives: null },
        { name: 'note', type: 'String', required: false },
      ],
    },
    {
      name: 'Result',
      fields: [
        { name: 'result', type: 'Float', required: true },
        { name: 'kind', type: 'Kind', required: true },
      ],
    },
  ],
  enums: [{ name: 'Kind', doc: 'What was done.', values: [{ name: 'SUM' }, { name: 'NOTHING', doc: 'none' }] }],
  services: [
    {
      name: 'Adder',
      doc: 'Adds up.',
      namespace: 'demo',
      version: 'v1',
      methods: [{ name: 'add', inputType: 'Operands', outputType: 'Result', directives: [], doc: 'Adds numbers.' }],
    },
  ],
  meta: { namespace: 'demo', version: 'v1', service: 'Adder' },
});

const named = (name: string, isRequired: boolean): object => ({ kind: 'named', name, isRequired });
const field = (name: string, type: object): object => ({
  name,
  doc: '',
  deprecated: undefined,
  defaultValue: undefined,
  type,
});
const list = (item: object): object => ({ kind: 'list', item, isRequired: true });

describe('the three forms', () => {
  it.each([
    ['graphql', GRAPHQL, { name: 'Service', namespace: '', version: '' }, 'use SUM'],
    ['okra', OKRA, { name: 'Adder', namespace: 'demo', version: 'v1' }, 'use SUM'],
    ['json', JSON_FORM, { name: 'Adder', namespace: 'demo', version: 'v1' }, undefined],
  ])('%s comes to the one within the node', (form, text, names, deprecated) => {
    const { methods, types, ...rest } = parseDescription(text);
    expect(rest).toEqual({ form, text, doc: 'Adds up.', ...names });
    expect([...methods.values()]).toEqual([
      {
        name: 'add',
        doc: 'Adds numbers.',
        deprecated: undefined,
        input: { kind: 'value', type: named('Operands', true) },
        output: named('Result', true),
      },
    ]);
    expect(types.get('Operands')).toEqual({
      kind: 'object',
      name: 'Operands',
      doc: '',
      fields: [field('operands', list(named('Float', true))), field('note', named('String', false))],
    });
    expect(types.get('Kind')).toEqual({
      kind: 'enum',
      name: 'Kind',
      doc: 'What was done.',
      values: [
        { name: 'SUM', doc: '', deprecated: undefined },
        { name: 'NOTHING', doc: 'none', deprecated },
      ],
    });
  });

  it('takes OKRA names behind the service as well', () => {
    const text = OKRA.replace(/^@okra.*\n/, '').replace('Adder {', 'Adder @okra(namespace: "n", version: "v2") {');
    expect(parseDescription(text)).toMatchObject({ form: 'okra', namespace: 'n', version: 'v2' });
  });

  it('finds the service by its directive, and known scalars may be declared', () => {
    const text = 'directive @service on OBJECT scalar UUID type Adder @service { add(id: UUID!, by: Int = 1): Int }';
    const { name, methods } = parseDescription(text);
    expect(name).toBe('Adder');
    expect(methods.get('add')?.input).toMatchObject({
      kind: 'fields',
      fields: [
        { name: 'id', defaultValue: undefined },
        { name: 'by', defaultValue: '1' },
      ],
    });
  });

  it('is OKRA by the word service at its place only', () => {
    const text = '"service X" type Service { service(service: Int): Service_ } type Service_ { service: Int }';
    expect(parseDescription(text)).toMatchObject({ form: 'graphql', name: 'Service' });
  });

  it('lets types that may be missing hold themselves', () => {
    expect(parseDescription('input T { t: T ts: [T!]! } type Service { a(input: T!): Int }').types.size).toBe(1);
  });
});

const json = (change: object): string => JSON.stringify({ ...JSON.parse(JSON_FORM), ...change });
const one = (more: string): string => `type Service { a(input: T): Int }\n${more}`;
const ENUMS = 'enum E { A }\n';

describe('a description is refused', () => {
  it.each<[what: string, text: string, message: string]>([
    ['nothing', '', 'line 1, column 1: Syntax Error: Unexpected <EOF>'],
    ['a syntax error', 'type Service {\n  a: ', 'line 2, column 6: Syntax Error: Expected Name, found <EOF>'],
    ['an unknown type', 'type Service {\n  a(input: Foo!): Int\n}', 'line 2, column 12: unknown type "Foo"'],
    ['an unknown result', 'type Service {\n  a: [Foo]\n}', 'line 2, column 7: unknown type "Foo"'],
    [
      'two services',
      'type Service { a: Int }\ntype B @service { a: Int }',
      'line 2, column 6: expected one service, found B too',
    ],
    ['no service', 'type Query { a: Int }', 'expected the type Service, or one type with @service, found neither'],
    ['a service without methods', 'type Service', 'line 1, column 1: Type Service must define one or more fields'],
    [
      'a method twice',
      'type Service { a: Int a: Int }',
      'line 1, column 16: Field "Service.a" can only be defined once',
    ],
    ['a type twice', one('input T { a: Int }\nenum T { B }'), 'line 2, column 7: There can be only one type named "T"'],
    [
      'an output as an input',
      one('type T { a: Int }'),
      'line 1, column 25: The type of Service.a(input:) must be Input Type but got: T',
    ],
    [
      'an input as an output',
      'input T { a: Int } type Service { a: T }',
      'line 1, column 38: The type of Service.a must be Output Type but got: T',
    ],
    [
      'a value that cannot end',
      one('input T { u: U! }\ninput U { t: T! }'),
      'line 2, column 11: Cannot reference Input Object "T" within itself through a series of non-null fields: "u.t"',
    ],
    [
      'a reply that cannot end',
      'type T { t: T! }\ntype Service { a: T }',
      'line 1, column 10: Cannot reference Input Object "T" within itself through a series of non-null fields: "t"',
    ],
    [
      'a wrong default',
      'type Service { a(x: Int = "q"): Int }',
      'line 1, column 27: default: $: expected Int, found String',
    ],
    ['a scalar as a type', one('input Int { a: Float }'), 'line 2, column 7: Int is a scalar already'],
    [
      'too many lists',
      `type Service { a: ${'['.repeat(9)}Int${']'.repeat(9)} }`,
      'line 1, column 19: expected at most 8 lists',
    ],
    ['lists without end', `type Service { a: ${'['.repeat(100_000)}`, 'expected a text that is nested less deeply'],
    ['too much text', `# ${'x'.repeat(262_143)}`, 'expected at most 262144 bytes, found 262145'],
    [
      'two services of OKRA',
      'service A { a: Int }\nservice B { a: Int }',
      'line 2, column 9: expected one service, found another one',
    ],
    [
      'no service of OKRA',
      '@okra(namespace: "a")\ntype A { a: Int }',
      'line 2, column 18: expected one service, found none',
    ],
    ['@okra twice', '@okra @okra service A { a: Int }', 'line 1, column 7: expected @okra once, found it twice'],
    [
      '@okra with a number',
      '\n @okra(version: 1) service A { a: Int }',
      'line 2, column 2: @okra: expected namespace and version, each a string',
    ],
    [
      '@okra unclosed',
      '@okra(version: "v1" service A { a: Int }',
      'line 1, column 41: expected one service, found none',
    ],
    [
      'two arguments in OKRA',
      'service A {\n a(a: Int,\n  b: Int): Int }',
      'line 3, column 3: expected one argument at most',
    ],
    ['JSON that is none', '{\n "types": ]', "expected JSON: Unexpected token ']'"],
    ['JSON that ends', '{\n "types": [', 'line 2, column 12: expected JSON: Unexpected end of JSON input'],
    [
      'too many fields',
      `type Service {${' a: Int'.repeat(4_001)} }`,
      'line 1, column 1: expected at most 4000 methods, arguments, fields and values',
    ],
    ['JSON without services', '{}', "$: must have required property 'services'"],
    [
      'JSON with two services',
      json({ services: [{ name: 'A' }, { name: 'B' }] }),
      '$.services: must NOT have more than 1 items',
    ],
    ['JSON with an unknown key', json({ more: 1 }), '$: must NOT have additional properties "more"'],
    [
      'JSON with an unknown type',
      json({
        types: [{ name: 'A', fields: [{ name: 'a', type: '[B]' }] }],
        services: [{ name: 'S', methods: [{ name: 'a', outputType: 'A' }] }],
      }),
      '$.types[0].fields[0]: unknown type "B"',
    ],
    ['JSON with a name that is text', json({ enums: [{ name: 'A } type B' }] }), '$.enums[0].name: must match pattern'],
    [
      'JSON with a decorator',
      json({ services: [{ name: 'A', methods: [{ name: 'a', outputType: 'Int', directives: [{ name: 'auth' }] }] }] }),
      '$.services[0].methods[0].directives: must NOT have more than 0 items',
    ],
  ])('%s', (_what, text, message) => {
    expect(refusal(text)).toMatchObject({ code: 'INVALID_ARGUMENT', reason: 'VALIDATION' });
    expect(refusal(text)).toHaveProperty('message', expect.stringContaining(`schema: ${message}`));
  });

  it.each<[what: string, text: string, message: string]>([
    [
      'a schema',
      `schema { query: Service } ${one('')}`,
      'line 1, column 1: a schema definition (the service is the type Service)',
    ],
    ['a union', one('union T = A'), 'line 2, column 1: a union'],
    ['an interface', one('interface T { a: Int }'), 'line 2, column 1: an interface'],
    ['what implements one', one('type T implements X { a: Int }'), 'line 2, column 19: an interface'],
    ['an extension', one('extend type Service { b: Int }'), 'line 2, column 1: an extension or an operation'],
    ['an operation', `query { a }${one('')}`, 'line 1, column 1: an extension or an operation'],
    ['a scalar of one’s own', one('scalar T'), 'line 2, column 1: a scalar of your own'],
    ['a decorator of a method', 'service A { a: Int @durable }', 'line 1, column 20: @durable'],
    ['a decorator of a type', one('input T @oneOf { a: Int }'), 'line 2, column 9: @oneOf'],
    ['a decorator of a field', one('input T { a: Int @auth }'), 'line 2, column 18: @auth'],
    ['a decorator of an enum', one(`${ENUMS}enum T @x { A }`), 'line 3, column 8: @x'],
    [
      "an argument of a type's field",
      'type T { a(b: Int): Int } type Service { a: T }',
      "line 1, column 12: an argument of a type's field",
    ],
  ])('with %s, by name', (_what, text, message) => {
    expect(refusal(text)).toMatchObject({
      code: 'UNIMPLEMENTED',
      reason: 'UNSUPPORTED_FIELD',
      message: `schema: ${message} is not served by this node yet`,
    });
  });

  it('with no more problems than fit in a line', () => {
    const methods = Array.from({ length: 20 }, (_, index) => `m${index}: X${index}`).join(' ');
    expect(refusal(`type Service { ${methods} }`)).toHaveProperty('message', expect.stringMatching(/; and 12 more$/));
  });

  it.each<[what: string, text: string]>([
    ['unknown types', `type Service {${many(3_900, (index) => `a${index}: X${'\n'.repeat(50)}`)}}`],
    ['a method again and again', `type Service {${many(3_900, () => `a: Int${'\n'.repeat(50)}`)}}`],
    ['a decorator again and again', `type Service { a: Int ${'@deprecated\n'.repeat(16_000)} }`],
    [
      'circles in circles',
      `type Service { a(input: T0): Int } ${many(499, (index) => `input T${index} { n: T${(index + 1) % 499}! a: T0! b: T1! c: T2! }`)}`,
    ],
  ])('soon, however much is wrong in it: %s', (_what, text) => {
    const startedAt = process.threadCpuUsage();
    expect(refusal(text)).toMatchObject({ code: 'INVALID_ARGUMENT' });
    const { user, system } = process.threadCpuUsage(startedAt);
    expect((user + system) / 1e6).toBeLessThan(2);
  });
});

function many(count: number, text: (index: number) => string): string {
  return Array.from({ length: count }, (_, index) => text(index)).join('\n');
}

function refusal(text: string): unknown {
  try {
    return parseDescription(text);
  } catch (thrown) {
    return thrown;
  }
}
