import { PlexSpacesError } from '@plexspaces/core';
import { describe, expect, it } from 'vitest';
import { oneLine } from '../../../packages/cli/src/output.ts';
import {
  applicationsDocument,
  applicationsTable,
  deployDocument,
  errorDocument,
  failedInvokeDocument,
  invokeDocument,
  outputText,
  poolDocument,
} from '../../../packages/cli/src/shapes.ts';

const APPLICATION = {
  applicationId: 'a',
  name: 'a',
  version: '1.0.0',
  status: 'RUNNING',
  service: 'demo.A.v1',
  kind: 'durable',
  moduleHash: 'ab'.repeat(32),
  deployedAt: new Date(0),
  error: undefined,
} as const;

describe('the JSON documents', () => {
  it('of list and status have the keys of the contract, and error only where there is one', () => {
    const failed = { ...APPLICATION, status: 'FAILED', error: 'init: no' };
    const { applicationId, name, version, status, service, kind, moduleHash } = APPLICATION;
    const plain = { applicationId, name, version, status, service, kind, moduleHash };
    expect(JSON.stringify(applicationsDocument([APPLICATION, failed]))).toBe(
      JSON.stringify({ applications: [plain, { ...plain, status: 'FAILED', error: 'init: no' }] }),
    );
  });

  it('of deploy', () => {
    const result = {
      applicationId: 'a',
      name: 'a',
      version: '1',
      status: 'RUNNING',
      moduleHash: 'ab',
      cache: 'hit',
      elapsedMs: 1.23456,
    } as const;
    expect(deployDocument(result)).toStrictEqual({ ...result, elapsedMs: 1.235 });
  });

  it('of pool', () => {
    const counts = { min: 1, max: 4, total: 2, active: 1, idle: 1, queued: 0, blockedOnTuplespace: 1 };
    const pool = { ...counts, completed: 9, failed: 2, replaced: 1 };
    expect(poolDocument(pool)).toStrictEqual(pool);
  });

  it('of an error', () => {
    const error = new PlexSpacesError('NOT_FOUND', 'none', { reason: 'VALIDATION', details: { a: 'b' } });
    expect(errorDocument(error)).toStrictEqual({
      error: { code: 'NOT_FOUND', message: 'none', details: { a: 'b', reason: 'VALIDATION' } },
    });
  });

  it('of invoke keeps the spelling of numbers that the guest chose', () => {
    expect(invokeDocument(jsonReply('{"mean": 6.0, "big": 9007199254740993}'), 1.5)).toBe(
      '{"success":true,"output":{"mean": 6.0, "big": 9007199254740993},"error":null,"durationMs":1.5}',
    );
  });

  it('of invoke is one line whatever the reply is', () => {
    const pretty = invokeDocument(jsonReply('{\n  "a": 1\n}\n'), 2);
    expect(pretty).not.toContain('\n');
    expect(JSON.parse(pretty)).toEqual({ success: true, output: { a: 1 }, error: null, durationMs: 2 });
    const bytes = Uint8Array.of(0xff, 1);
    const reply = { id: 's/default', value: bytes, bytes, metadata: {} };
    expect(JSON.parse(invokeDocument(reply, 2))).toMatchObject({ success: true, output: { base64: '/wE=' } });
  });

  it('of a failed invoke', () => {
    const error = new PlexSpacesError('EXECUTION_ERROR', 'no', { details: { a: 'b' } });
    expect(failedInvokeDocument(error, 3)).toStrictEqual({
      success: false,
      output: null,
      error: { code: 'EXECUTION_ERROR', message: 'no', details: { a: 'b' } },
      durationMs: 3,
    });
  });
});

describe('the text', () => {
  it("of invoke is the guest's own JSON", () => {
    expect(outputText(jsonReply(' 1.2909944487358056 '))).toBe('1.2909944487358056');
    expect(outputText(jsonReply('null'))).toBe('null');
  });

  it('of a listing has one line for each application, in columns', () => {
    const lines = applicationsTable([APPLICATION, { ...APPLICATION, name: 'longer-name' }]).split('\n');
    expect(lines).toHaveLength(3);
    expect(new Set(lines.map((line) => line.search(/VERSION|1\.0\.0/))).size).toBe(1);
    expect(applicationsTable([])).toBe('no applications');
  });

  it('of an error is one line that commands no terminal', () => {
    expect(oneLine('a\r\n  b\n\nc\u001B[2Jd\n')).toBe('a b c\\u001b[2Jd');
  });
});

function jsonReply(text: string): Parameters<typeof outputText>[0] {
  return { value: JSON.parse(text), bytes: new TextEncoder().encode(text) };
}
