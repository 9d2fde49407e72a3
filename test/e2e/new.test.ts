/** `plexspaces new`: what it writes works at once, in each language whose tools are on this machine. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { environment, plexspaces, plexspacesJson, PROJECT, runProgram } from '../support/command-line.ts';
import type { Daemon } from '../support/daemon.ts';
import { startFreshDaemon } from '../support/daemon.ts';
import { makeScratchDirectory } from '../support/scratch-directory.ts';

interface Written {
  readonly directory: string;
  readonly name: string;
  readonly service: string;
  readonly files: readonly string[];
}

interface Language {
  readonly name: string;
  /** Runs the tests that come with it. */
  readonly test: readonly [program: string, ...args: string[]];
  readonly isHere: boolean;
}

const LANGUAGES: readonly Language[] = [
  {
    name: 'python',
    test: ['python3', '-m', 'unittest'],
    isHere: existsSync(join(PROJECT, '.venv', 'bin', 'componentize-py')),
  },
  { name: 'rust', test: ['cargo', 'test', '--quiet'], isHere: hasRustTarget() },
  { name: 'typescript', test: ['npm', 'test', '--silent'], isHere: true },
];

/** What Rust compiles the first time it need not compile again; a compiler on a busy machine takes its time. */
const ENV = { CARGO_TARGET_DIR: join(PROJECT, '.cache', 'new-application') };
const COMPILER_TIMEOUT_MS = 900_000;

let daemon: Daemon;
let directory: string;

beforeAll(async () => {
  daemon = await startFreshDaemon();
  directory = await makeScratchDirectory();
});

afterAll(() => daemon.kill());

describe.each(LANGUAGES)('an application in $name', ({ name: language, test: [program, ...args], isHere }) => {
  let written: Written;

  beforeAll(async () => {
    written = await writeNew(`${language}-shop`, language);
  });

  it('has its own names everywhere', async () => {
    expect(written).toMatchObject({ name: `${language}-shop`, directory: join(directory, `${language}-shop`) });
    expect(written.service).toMatch(/^example\.[A-Z][a-z]+Shop\.v1$/);
    expect(written.files).toContain('.gitignore');
    for (const file of written.files) {
      const text = await readFile(join(written.directory, file), 'utf8');
      expect(text).not.toMatch(/\bgreeter\b|\bGreeter\b|\{\{command\}\}|\.\.\/sdk\//);
    }
    expect((await readdir(written.directory, { recursive: true })).filter((file) => file.includes('pycache'))).toEqual(
      [],
    );
  });

  it.skipIf(!isHere)(
    'passes its own tests, and fails them where it is wrong',
    async () => {
      const options = { cwd: written.directory, env: { ...environment(), ...ENV } };
      const right = await runProgram(program, args, options);
      expect(right).toMatchObject({ code: 0 });
      await inTheActor(written, 'Hello, ', 'Goodbye, ');
      await expect(runProgram(program, args, options)).resolves.not.toMatchObject({ code: 0 });
      await inTheActor(written, 'Goodbye, ', 'Hello, ');
    },
    COMPILER_TIMEOUT_MS,
  );

  it.skipIf(!isHere)(
    'is built, deployed and called as its README says',
    async () => {
      const readme = await readFile(join(written.directory, 'README.md'), 'utf8');
      await plexspacesJson(['build', '.'], { cwd: written.directory, env: ENV });
      await plexspacesJson(['deploy', '.'], { cwd: written.directory, node: daemon.grpc });
      const [, address = '', method = '', input = ''] = /^plexspaces invoke (\S+) (\S+) '(.*)'$/m.exec(readme) ?? [];
      const [, answer = ''] = /The answer is `(\{.*\})`/.exec(readme) ?? [];
      const called = await plexspaces(['invoke', address, method, input], { node: daemon.grpc });
      expect(called).toEqual({ code: 0, stdout: `${answer}\n`, stderr: '' });
      const refused = await plexspaces(['invoke', address, method, '{"name":7}'], { node: daemon.grpc });
      expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('name') });
    },
    COMPILER_TIMEOUT_MS,
  );
});

describe('what new refuses', () => {
  it('is a directory that exists, which stays as it was', async () => {
    const taken = join(directory, 'taken');
    await mkdir(taken);
    await writeFile(join(taken, 'mine'), 'mine');
    const refused = await plexspaces(['new', 'taken', '--lang', 'python'], { cwd: directory });
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringMatching(/^plexspaces: ALREADY_EXISTS: .*taken/) });
    await expect(readdir(taken)).resolves.toEqual(['mine']);
  });

  it.each(['', '../up', 'a/b', '1a', '-a', 'a b', `a${'b'.repeat(64)}`])('is the name %j', async (name) => {
    const before = await readdir(directory);
    const refused = await plexspaces(['new', '--lang', 'python', '--', name], { cwd: directory });
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringMatching(/^plexspaces: INVALID_ARGUMENT: name: /) });
    await expect(readdir(directory)).resolves.toEqual(before);
  });

  it('is a language that there is no template for', async () => {
    await expect(plexspaces(['new', 'a', '--lang', 'cobol'], { cwd: directory })).resolves.toMatchObject({ code: 2 });
    await expect(plexspaces(['new', 'a'], { cwd: directory })).resolves.toMatchObject({ code: 2 });
  });
});

function hasRustTarget(): boolean {
  const asked = spawnSync('rustc', ['--print', 'target-libdir', '--target', 'wasm32-unknown-unknown'], {
    encoding: 'utf8',
  });
  return asked.status === 0 && existsSync(asked.stdout.trim());
}

async function writeNew(name: string, language: string): Promise<Written> {
  return (await plexspacesJson(['new', name, '--lang', language], { cwd: directory })) as Written;
}

/** In its first place: the actor itself, where the tests stand behind it in the same file. */
async function inTheActor({ directory: parent, files }: Written, found: string, by: string): Promise<void> {
  for (const file of files.filter((name) => /^(?:actor\.(?!test)|src\/)/.test(name))) {
    const path = join(parent, file);
    await writeFile(path, (await readFile(path, 'utf8')).replace(found, by));
  }
}
