/** A description's types as functions over JSON values, made once. */
import type { Description, EnumDefinition, Field, TypeDefinition, TypeReference } from './description.ts';
import { formatType, isMandatory } from './description.ts';
import { kindOf, shown } from './payload-walk.ts';
import type { PayloadWalk } from './payload-walk.ts';
import { SCALARS } from './scalars.ts';
import type { Scalar } from './scalars.ts';

/** Notes in the walk what is wrong with the value. */
export type Check = (value: unknown, walk: PayloadWalk) => void;

const MAX_NAMES = 16;

export class TypeChecks {
  readonly #named: ReadonlyMap<string, Check>;

  constructor({ types }: Pick<Description, 'types'>) {
    const scalars = [...SCALARS].map(([name, scalar]) => [name, checkScalar(name, scalar)] as const);
    const defined = [...types.values()].map((type) => [type.name, this.#checkDefined(type)] as const);
    this.#named = new Map([...scalars, ...defined]);
  }

  of(type: TypeReference): Check {
    const check = type.kind === 'list' ? this.#checkList(type) : this.#checkNamed(type.name);
    return type.isRequired ? check : (value, walk) => (value === null ? undefined : check(value, walk));
  }

  /** An object that has these fields and no others. */
  ofFields(name: string, fields: readonly Field[]): Check {
    return checkObject(name, fields, (type) => this.of(type));
  }

  #checkDefined(type: TypeDefinition): Check {
    return type.kind === 'enum' ? checkEnum(type) : this.ofFields(type.name, type.fields);
  }

  /** Looked up at the first value, since types name each other. */
  #checkNamed(name: string): Check {
    let check: Check | undefined;
    return (value, walk) => {
      check ??= this.#named.get(name);
      check?.(value, walk);
    };
  }

  #checkList(type: TypeReference & { kind: 'list' }): Check {
    const checkItem = this.of(type.item);
    const expected = formatType({ ...type, isRequired: false });
    return (value, walk) => {
      if (!Array.isArray(value)) return walk.fail(expected, kindOf(value));
      for (let index = 0; index < value.length && !walk.isFull; index += 1) {
        const item: unknown = value[index];
        walk.enter(index);
        checkItem(item, walk);
        walk.leave();
      }
    };
  }
}

function checkScalar(name: string, { form, kinds, accepts }: Scalar): Check {
  const expected = form === '' ? name : `${name} (${form})`;
  return (value, walk) => {
    if (accepts(value)) return;
    const kind = typeof value === 'bigint' ? 'number' : typeof value;
    if (kinds.some((known) => known === kind)) walk.fail(expected, shown(value));
    else walk.fail(name, kindOf(value));
  };
}

function checkEnum({ name, values }: EnumDefinition): Check {
  const known = new Set(values.map((value) => value.name));
  const expected = `${name} (${listed([...known])})`;
  return (value, walk) => {
    if (typeof value !== 'string' || !known.has(value)) walk.fail(expected, shown(value));
  };
}

function checkObject(name: string, fields: readonly Field[], checkOf: (type: TypeReference) => Check): Check {
  const known = new Map(fields.map((field) => [field.name, checkOf(field.type)]));
  const mandatory = fields.filter(isMandatory).map((field) => [field.name, formatType(field.type)] as const);
  const names = listed(fields.map((field) => field.name));
  const expected = fields.length === 0 ? 'no fields' : `one of the fields ${names}`;
  return (value, walk) => {
    if (!isObject(value)) return walk.fail(name, kindOf(value));
    for (const key of Object.keys(value)) {
      walk.members += 1;
      walk.enter(key);
      const check = known.get(key);
      if (check === undefined) walk.fail(expected, 'an unknown field');
      else check(value[key], walk);
      walk.leave();
      if (walk.isFull) return;
    }
    for (const [field, type] of mandatory) if (!Object.hasOwn(value, field)) failMissing(field, type, walk);
  };
}

function failMissing(field: string, type: string, walk: PayloadWalk): void {
  walk.enter(field);
  walk.fail(type, 'nothing');
  walk.leave();
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Names in an error. */
export function listed(names: readonly string[]): string {
  const told = names.slice(0, MAX_NAMES).join(', ');
  return names.length > MAX_NAMES ? `${told}, … (${names.length})` : told;
}
