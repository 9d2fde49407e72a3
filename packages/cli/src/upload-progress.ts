/** How far an upload is: a bar where somebody watches, one line where nobody does. */
import { Presets, SingleBar } from 'cli-progress';

const MIB = 1024 * 1024;

export interface UploadProgress {
  /** Not called at all where the node already holds the component. */
  readonly report: (sentBytes: number, totalBytes: number) => void;
  readonly stop: () => void;
}

/** Always on stderr: stdout is the answer's. */
export function uploadProgress(stream: NodeJS.WriteStream, name: string): UploadProgress {
  return stream.isTTY ? barOn(stream, name) : lineOn(stream, name);
}

function barOn(stream: NodeJS.WriteStream, name: string): UploadProgress {
  const format = `uploading ${name} {bar} {percentage}% of {mebibytes} MiB`;
  const bar = new SingleBar({ stream, format, hideCursor: true }, Presets.shades_classic);
  return {
    report(sentBytes, totalBytes): void {
      if (!bar.isActive) bar.start(totalBytes, 0, { mebibytes: mebibytes(totalBytes) });
      bar.update(sentBytes);
    },
    stop(): void {
      if (bar.isActive) bar.stop();
    },
  };
}

function lineOn(stream: NodeJS.WriteStream, name: string): UploadProgress {
  return {
    report(sentBytes, totalBytes): void {
      // What is sent in a moment needs no announcement.
      if (sentBytes === 0 && totalBytes >= MIB) stream.write(`uploading ${name}, ${mebibytes(totalBytes)} MiB\n`);
    },
    stop: () => undefined,
  };
}

function mebibytes(bytes: number): string {
  return (bytes / MIB).toFixed(1);
}
