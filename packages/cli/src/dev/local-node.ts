/** A node in this process for as long as `plexspaces dev` runs. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PlexSpacesError } from '@plexspaces/core';
import { PlexSpacesNode } from '@plexspaces/runtime';
import { pino } from 'pino';
import { logLines } from './log-lines.ts';

export interface LocalNodeOptions {
  /** Kept; without one a temporary directory goes with the node. */
  readonly data: string | undefined;
  readonly grpc: string;
  readonly http: string;
  readonly onLog: (line: string) => void;
}

export interface LocalNode extends AsyncDisposable {
  readonly grpc: string;
  readonly data: string;
}

export async function startLocalNode({ data, grpc, http, onLog }: LocalNodeOptions): Promise<LocalNode> {
  const directory = data ?? (await mkdtemp(join(tmpdir(), 'plexspaces-dev-')));
  const removeOwn = async (): Promise<void> => {
    if (data === undefined) await rm(directory, { recursive: true, force: true });
  };
  try {
    const node = await PlexSpacesNode.start({ dataDirectory: directory, grpc, http, logger: pino(logLines(onLog)) });
    return {
      grpc: node.addresses.grpc,
      data: directory,
      [Symbol.asyncDispose]: async () => {
        await node.close();
        await removeOwn();
      },
    };
  } catch (thrown) {
    await removeOwn();
    const { code, message } = PlexSpacesError.from(thrown);
    throw new PlexSpacesError(
      code,
      `${message} (--node uses a node that runs already, --grpc and --http other ports)`,
      {
        cause: thrown,
      },
    );
  }
}
