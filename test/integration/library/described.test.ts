/** A program's actors with a description, in OKRA's form, over OKRA's greeter and the echo component. */
import { readFile } from 'node:fs/promises';
import { WASMActor, WASMSingletonActor, WASMWorker, WASMWorkerPool } from '@plexspaces/runtime';
import type { WorkerOptions } from '@plexspaces/runtime';
import { beforeAll, describe, expect, it } from 'vitest';
import { GREETER_WASM } from '../../fixtures/components/okra.ts';
import { readEcho } from '../../fixtures/components/wat.ts';
import { makeScratchDirectory } from '../../support/scratch-directory.ts';

const GREETER = `@okra(namespace: "demo", version: "v1")
service Greeter { greet(who: Greeting): Greeted }
type Greeting { name: String! }
type Greeted { message: String! }`;
const ECHO = 'type Service { echo(input: [Int!]): [Int!] wrong: String }';
const KINDS = { WASMActor, WASMSingletonActor, WASMWorker, WASMWorkerPool };

let cacheDirectory: string;
beforeAll(async () => {
  cacheDirectory = await makeScratchDirectory();
});

describe.each(Object.entries(KINDS))('a described %s', (_name, Kind) => {
  const start = (options: WorkerOptions): ReturnType<typeof Kind.start> =>
    Kind.start(readEcho(), { service: 'test.Echo', cacheDirectory, ...options });

  it('is called with what is described alone, and answers it; without the description with anything', async () => {
    await using actor = await start({ schema: ECHO });
    await expect(actor.invoke('echo', [1, 'x'])).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: 'test.Echo echo: $[1]: expected Int, found String',
    });
    await expect(actor.invoke('trap')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect(await actor.invoke('echo', [1])).toEqual([1]);
    await expect(actor.invoke('wrong')).rejects.toMatchObject({ code: 'INTERNAL', reason: 'VALIDATION' });
    await using bare = await start({});
    expect(await bare.invoke('echo', [1, 'x'])).toEqual([1, 'x']);
  });

  it('with a description that is none does not start', async () => {
    await expect(start({ schema: 'type Service' })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  });
});

describe('a described greeter', () => {
  it('greets who has a name', async () => {
    const component = await readFile(GREETER_WASM);
    await using greeter = await WASMActor.start(component, { service: 'g', schema: GREETER, cacheDirectory });
    expect(await greeter.invoke('greet', { name: 'Ada' })).toEqual({ message: 'Hello, Ada!' });
    await expect(greeter.invoke('greet', {})).rejects.toThrow('g greet: $.name: expected String!, found nothing');
    expect(() => greeter.tell('greet', { name: 1 })).toThrow('g greet: $.name: expected String, found Int');
  });
});
