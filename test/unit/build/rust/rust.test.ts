/** Rust's part of the build, with tools that answer as cargo and rustc do. */
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { buildComponent } from '../../../../packages/cli/src/build/build.ts';
import type { BuildResult } from '../../../../packages/cli/src/build/build.ts';

/** `fails` beside it is what it writes when it fails; it counts its runs. */
const CARGO = `#!/usr/bin/env bash
here=$(dirname "$0")
case $1 in
  --version) echo 'cargo 1.95.0' ;;
  metadata) cat "$here/metadata.json" ;;
  build)
    printf '%s\\n' "$CARGO_ENCODED_RUSTFLAGS" >"$here/flags"
    printf '   Compiling counter v1.0.0\\n' >&2
    if [[ -f $here/fails ]]; then cat "$here/fails" >&2; exit 101; fi ;;
esac
`;
const RUSTC = `#!/usr/bin/env bash
case $1 in
  --version) echo 'rustc 1.95.0' ;;
  --print) echo "$(dirname "$0")/lib" ;;
esac
`;
const COMPILER_ERROR = `error[E0308]: mismatched types
 --> src/lib.rs:3:5
  |
3 |     "1"
  |     ^^^ expected \`u32\`, found \`&str\`
`;

let directory = '';
let tools = '';
let application = '';

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'plexspaces-rust-test-'));
  tools = join(directory, 'tools');
  application = join(directory, 'counter');
  await mkdir(join(tools, 'lib'), { recursive: true });
  await mkdir(join(application, 'src'), { recursive: true });
  await writeFile(join(tools, 'lib', 'libstd-0123.rlib'), '');
  for (const [name, text] of [
    ['cargo', CARGO],
    ['rustc', RUSTC],
  ] as const) {
    await writeFile(join(tools, name), text);
    await chmod(join(tools, name), 0o755);
  }
  await writeFile(join(application, 'Cargo.toml'), '[package]\n');
  await writeFile(join(application, 'src', 'lib.rs'), '');
  await writeMetadata(['cdylib']);
  vi.stubEnv('RUSTC', join(tools, 'rustc'));
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(directory, { recursive: true, force: true });
});

const build = (path = application): Promise<BuildResult> =>
  buildComponent(path, { tools: { rust: join(tools, 'cargo') } });

describe('a Cargo package', () => {
  it('that does not compile is told in the words of the compiler, without what cargo was at', async () => {
    await writeFile(join(tools, 'fails'), COMPILER_ERROR);
    await expect(build()).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: `cannot build counter: ${COMPILER_ERROR.trim()}`,
    });
  });

  it('whose crates cannot be had is no mistake of the author', async () => {
    await writeFile(join(tools, 'fails'), 'error: failed to download from `https://example.org/serde`\n');
    await expect(build()).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });

  it('whose core module exports no actor is told so', async () => {
    const core = join(directory, 'target', 'wasm32-unknown-unknown', 'release');
    await mkdir(core, { recursive: true });
    await writeFile(join(core, 'my_counter.wasm'), Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0));
    await expect(build()).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: 'cannot build counter: expected export_actor!(…) in it, found none',
    });
  });

  it('is known by its directory, by its Cargo.toml and by its application', async () => {
    await writeFile(join(tools, 'fails'), 'error: as it was told');
    const ways = [application, join(application, 'Cargo.toml')];
    for (const path of ways) await expect(build(path)).rejects.toMatchObject({ message: /as it was told/ });
    const manifest = { name: 'counter', source: 'Cargo.toml', component: 'counter.wasm' };
    await writeFile(join(application, 'plexspaces.json'), JSON.stringify(manifest));
    await expect(build()).rejects.toMatchObject({ message: /as it was told/ });
  });

  it('that is no library for components is refused', async () => {
    await writeMetadata(['lib']);
    await expect(build()).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringContaining('crate-type = ["cdylib"]'),
    });
  });

  it('is compiled without paths of this machine, and without flags of who builds it', async () => {
    await writeFile(join(tools, 'fails'), 'error: as it was told');
    vi.stubEnv('RUSTFLAGS', '-Cdebuginfo=2');
    await expect(build()).rejects.toThrow('as it was told');
    const flags = (await readFile(join(tools, 'flags'), 'utf8')).trim().split('\u{1f}');
    expect(flags).toEqual([
      `--remap-path-prefix=${join(directory, 'sdk')}=plexspaces`,
      '--remap-path-prefix=/registry/index=registry',
    ]);
  });
});

describe('what is missing', () => {
  it('is cargo: how to get it is told', async () => {
    await rm(join(tools, 'cargo'));
    await expect(build()).rejects.toMatchObject({
      code: 'FAILED_PRECONDITION',
      message: expect.stringMatching(/needs cargo and rustc, found no .*cargo: install Rust \(https:\/\/rustup\.rs\)/),
    });
  });

  it('is the standard library for components: how to get it is told', async () => {
    await rm(join(tools, 'lib', 'libstd-0123.rlib'));
    await expect(build()).rejects.toMatchObject({
      code: 'FAILED_PRECONDITION',
      message: expect.stringContaining('`rustup target add wasm32-unknown-unknown`'),
    });
  });
});

async function writeMetadata(crateTypes: readonly string[]): Promise<void> {
  const of = (id: string, path: string, source: string | null): object => ({
    id,
    name: id,
    manifest_path: join(path, 'Cargo.toml'),
    source,
    targets: [{ name: `my-${id}`, crate_types: crateTypes }],
  });
  const metadata = {
    packages: [
      of('counter', application, null),
      of('plexspaces', join(directory, 'sdk'), null),
      of('serde', '/registry/index/serde-1.0.0', 'registry+somewhere'),
      of('unused', '/elsewhere/unused', null),
    ],
    resolve: {
      root: 'counter',
      nodes: [
        { id: 'counter', dependencies: ['plexspaces'] },
        { id: 'plexspaces', dependencies: ['serde'] },
        { id: 'serde', dependencies: [] },
        { id: 'unused', dependencies: [] },
      ],
    },
    target_directory: join(directory, 'target'),
    workspace_root: application,
  };
  await mkdir(join(directory, 'sdk'), { recursive: true });
  await writeFile(join(tools, 'metadata.json'), JSON.stringify(metadata));
}
