/**
 * What a process did to its files, and what it sent, from the output of strace: `-f -y -xx` and CALLS.
 *
 * A call counts when it ended, since its effect is certain then; what was sent counts when the sending began.
 * Paths are as the kernel knows them at the call, so that a renamed file goes by its new name.
 */
export type FileEvent =
  | { readonly kind: 'open'; readonly path: string; readonly creates: boolean; readonly truncates: boolean }
  | { readonly kind: 'write'; readonly path: string; readonly offset: number; readonly bytes: Buffer }
  | { readonly kind: 'truncate'; readonly path: string; readonly length: number }
  | { readonly kind: 'rename'; readonly path: string; readonly to: string }
  | { readonly kind: 'unlink'; readonly path: string }
  | { readonly kind: 'sync'; readonly path: string };

export type TraceEvent = FileEvent | { readonly kind: 'send'; readonly socket: string; readonly bytes: Buffer };

export const CALLS: string =
  'openat,creat,write,pwrite64,writev,rename,renameat,renameat2,unlink,unlinkat,ftruncate,fsync,fdatasync';

const LINE = /^(?<pid>\d+) +(?<rest>.*)$/;
const UNFINISHED = /^(?<head>.*) <unfinished \.\.\.>$/;
const RESUMED = /^<\.\.\. \w+ resumed>(?<tail>.*)$/;
const CALL = /^(?<name>\w+)\((?<args>.*)\)\s+= (?<result>-?\d+)/;
const FD = /^(?<fd>\d+)<(?<path>[^>]*)>/;
const STRING = /"((?:\\x[0-9a-f]{2})*)"/g;
const SOCKET = 'socket:[';

interface Call {
  readonly name: string;
  readonly args: string;
  readonly result: number;
}

/** @param trace all of its lines. */
export function parseTrace(trace: string): TraceEvent[] {
  const parser = new TraceParser();
  for (const line of trace.split('\n')) parser.read(line);
  return parser.events;
}

class TraceParser {
  readonly events: TraceEvent[] = [];
  readonly #unfinished = new Map<string, string>();
  /** Where the next write to a file goes, by its descriptor; none: at its end. */
  readonly #offsets = new Map<string, number>();

  read(line: string): void {
    const { pid = '', rest = '' } = LINE.exec(line)?.groups ?? {};
    const head = UNFINISHED.exec(rest)?.groups?.['head'];
    if (head !== undefined) {
      this.#unfinished.set(pid, head);
      if (isSend(head)) this.#send(head);
      return;
    }
    const tail = RESUMED.exec(rest)?.groups?.['tail'];
    const begun = tail === undefined ? '' : (this.#unfinished.get(pid) ?? '');
    const { name = '', args = '', result = '-1' } = CALL.exec(begun + (tail ?? rest))?.groups ?? {};
    if (Number(result) < 0) return;
    if (!isSend(`${name}(${args}`)) this.#call({ name, args, result: Number(result) });
    else if (tail === undefined) this.#send(args);
  }

  #send(text: string): void {
    const socket = /<(?<path>[^>]*)>/.exec(text)?.groups?.['path'] ?? '';
    this.events.push({ kind: 'send', socket, bytes: Buffer.concat(strings(text)) });
  }

  #call({ name, args, result }: Call): void {
    const { fd = '', path: hexPath = '' } = FD.exec(args)?.groups ?? {};
    const path = decode(hexPath).toString();
    const texts = strings(args);
    switch (name) {
      case 'creat':
      case 'openat':
        return this.#open(String(texts[0] ?? ''), args, String(result));
      case 'write':
      case 'writev':
        return this.#write(fd, path, Buffer.concat(texts).subarray(0, result));
      case 'pwrite64': {
        const offset = Number(/, (\d+)$/.exec(args)?.[1]);
        this.events.push({ kind: 'write', path, offset, bytes: Buffer.concat(texts).subarray(0, result) });
        return;
      }
      case 'ftruncate':
        this.events.push({ kind: 'truncate', path, length: Number(/, (\d+)$/.exec(args)?.[1]) });
        return;
      case 'fsync':
      case 'fdatasync':
        this.events.push({ kind: 'sync', path });
        return;
      case 'unlink':
      case 'unlinkat':
        this.events.push({ kind: 'unlink', path: String(texts[0]) });
        return;
      case 'rename':
      case 'renameat':
      case 'renameat2':
        this.events.push({ kind: 'rename', path: String(texts[0]), to: String(texts[1]) });
    }
  }

  #open(path: string, args: string, fd: string): void {
    const appends = args.includes('O_APPEND');
    if (appends) this.#offsets.delete(fd);
    else this.#offsets.set(fd, 0);
    if (/O_RDONLY/.test(args)) return;
    this.events.push({ kind: 'open', path, creates: args.includes('O_CREAT'), truncates: args.includes('O_TRUNC') });
  }

  #write(fd: string, path: string, bytes: Buffer): void {
    const offset = this.#offsets.get(fd) ?? -1;
    this.events.push({ kind: 'write', path, offset, bytes });
    if (offset >= 0) this.#offsets.set(fd, offset + bytes.length);
  }
}

function isSend(text: string): boolean {
  const start = text.slice(0, 256);
  return (
    /^writev?\(/.test(start) &&
    decode(/<(?<path>[^>]*)>/.exec(start)?.[1] ?? '')
      .toString()
      .startsWith(SOCKET)
  );
}

function strings(args: string): Buffer[] {
  return [...args.matchAll(STRING)].map(([, hex]) => decode(hex ?? ''));
}

function decode(escaped: string): Buffer {
  return Buffer.from(escaped.replaceAll('\\x', ''), 'hex');
}
