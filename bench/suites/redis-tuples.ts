/** The same with Redis: a list for each first field; what matches is looked for by a script. */
import { join } from 'node:path';
import { boundedLoop } from '../support/bounded-loop.ts';
import type { Case } from '../support/figures.ts';
import { Redis } from '../support/redis.ts';
import type { AppendFsync } from '../support/redis.ts';
import type { Bench } from '../support/suite.ts';

const IN_FLIGHT = 64;
const MEASURED = 't:measured';
const MISSED = 't:missed';
const FILL = `for i = 1, tonumber(ARGV[1]) do
  redis.call('RPUSH', 't:other ' .. i, cjson.encode({'other ' .. i, i}))
end
return 'OK'`;
/** The oldest of a list that has two fields, whatever the second one is. */
const TAKE = `for _, text in ipairs(redis.call('LRANGE', KEYS[1], 0, 15)) do
  if #cjson.decode(text) == 2 then
    redis.call('LREM', KEYS[1], 1, text)
    return text
  end
end
return false`;

interface Command {
  readonly what: string;
  readonly words: (call: number) => readonly string[];
  /** What it does to the list of measured ones. */
  readonly change: 1 | 0 | -1;
  readonly isRight: (reply: string | null) => boolean;
}

export async function redisCases(
  program: string,
  size: number,
  stack: AsyncDisposableStack,
  bench: Bench,
): Promise<Case[]> {
  const cases: Case[] = [];
  for (const appendFsync of ['always', 'no'] as const) {
    const directory = join(bench.directory, `redis-${size}-${appendFsync}`);
    const redis = stack.use(await Redis.start(program, directory, appendFsync));
    await redis.send('EVAL', FILL, '0', String(size));
    const script = (await redis.send('SCRIPT', 'LOAD', TAKE)) ?? '';
    cases.push(...commandCases(redis, commands(script), { size, appendFsync }, bench));
  }
  return cases;
}

export function redisName(what: string, { size, appendFsync }: Setting): string {
  return `Redis, appendfsync ${appendFsync}, ${what}, ${size.toLocaleString('en')} keys`;
}

function commands(script: string): Command[] {
  const isFound = (reply: string | null): boolean => reply !== null;
  const words = (call: number): string[] => ['RPUSH', MEASURED, JSON.stringify(['measured', call])];
  return [
    { what: 'RPUSH', words, change: 1, isRight: isFound },
    { what: 'LPOP', words: () => ['LPOP', MEASURED], change: -1, isRight: isFound },
    { what: 'RPUSH again', words, change: 1, isRight: isFound },
    { what: 'Lua take', words: () => ['EVALSHA', script, '1', MEASURED], change: -1, isRight: isFound },
    {
      what: 'Lua take that finds nothing',
      words: () => ['EVALSHA', script, '1', MISSED],
      change: 0,
      isRight: (reply) => reply === null,
    },
  ];
}

export interface Setting {
  readonly size: number;
  readonly appendFsync: AppendFsync;
}

function commandCases(redis: Redis, all: readonly Command[], setting: Setting, { durationMs }: Bench): Case[] {
  let pushed = 0;
  return all.map(({ what, words, change, isRight }) => ({
    name: redisName(what, setting),
    unit: 'operations per second',
    run: async () => {
      const most = change < 0 ? pushed : Infinity;
      return boundedLoop({ inFlight: IN_FLIGHT, durationMs, most }, async (call) => {
        pushed += change;
        const reply = await redis.send(...words(call));
        if (!isRight(reply)) throw new Error(`${what}: found ${String(reply)}`);
      });
    },
  }));
}
