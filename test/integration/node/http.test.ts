/** Actors and tuples over HTTP, on a node that runs in this process. */
import { connect } from '@plexspaces/client';
import type { PlexSpacesClient } from '@plexspaces/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readEcho } from '../../fixtures/components/wat.ts';
import { sleepPayload } from '../../support/component-files.ts';
import { countOf } from '../../support/echo.ts';
import { http, post } from '../../support/http.ts';
import type { HttpReply, HttpRequest } from '../../support/http.ts';
import { makeTemporaryDirectory } from '../../support/temporary-directory.ts';
import type { TemporaryDirectory } from '../../support/temporary-directory.ts';
import { RunningNode } from './running-node.ts';

const BYTES = { 'content-type': 'application/octet-stream' };

let temporary: TemporaryDirectory;
let running: RunningNode;
let client: PlexSpacesClient;
let address: string;

beforeAll(async () => {
  temporary = await makeTemporaryDirectory();
  running = await RunningNode.start(temporary.path);
  client = await connect(running.node.addresses.grpc);
  address = running.node.addresses.http;
  const component = readEcho();
  const workers = { min: 1, max: 1 };
  await client.deploy({ name: 'service', version: '1', component, manifest: { kind: 'service', workers } });
  await client.deploy({ name: 'durable', version: '1', component, manifest: { kind: 'durable', workers } });
});

afterAll(async () => {
  client.close();
  await running.close();
  await temporary[Symbol.asyncDispose]();
});

describe('a call', () => {
  it('hands the body over as it stands and gives the reply as it stands', async () => {
    const body = '{"a": 1.0,\n "big": 12345678901234567890, "text": "é"}';
    expect(await call('/service/echo', body)).toMatchObject({ status: 200, type: 'application/json', text: body });
  });

  it('takes bytes, and gives bytes where they are no JSON', async () => {
    expect(await call('/service/echo', 'no JSON', BYTES)).toMatchObject({
      status: 200,
      type: 'application/octet-stream',
      text: 'no JSON',
    });
    expect(await call('/service/echo', '[1]', BYTES)).toMatchObject({ type: 'application/json', json: [1] });
  });

  it('without a body has the payload {}', async () => {
    expect(await call('/service/echo')).toMatchObject({ status: 200, text: '{}' });
  });

  it.each(['{"a":', '\u00ff\u0000', '{a:1}'])('with a body that is no JSON reaches no guest: %j', async (body) => {
    const { completed } = await client.pool('service');
    expect(await call('/service/echo', body)).toMatchObject({ status: 400, json: { code: 'INVALID_ARGUMENT' } });
    expect(await client.pool('service')).toMatchObject({ completed });
  });

  it('with a body of another type is refused', async () => {
    const refused = await call('/service/echo', 'a: 1', { 'content-type': 'text/yaml' });
    expect(refused).toMatchObject({ status: 415, json: { code: 'INVALID_ARGUMENT', status: 415 } });
  });

  it('reaches the key that its path names, whatever is in it', async () => {
    const key = 'a/b%2F ?#ü\u{1f600}';
    expect(await call(`/durable/${encodeURIComponent(key)}/count`)).toMatchObject({ status: 200 });
    expect((await client.actors('durable')).map(({ id }) => id)).toContain(`durable/${key}`);
  });

  it('ends in a problem where the guest says no', async () => {
    expect(await call('/service/fail', '"why"')).toMatchObject({
      status: 422,
      type: 'application/problem+json',
      json: {
        type: 'about:blank',
        title: 'Unprocessable Entity',
        status: 422,
        detail: 'no: "why"',
        code: 'EXECUTION_ERROR',
        details: {},
      },
    });
  });

  it.each([
    ['/nobody/echo', 404, 'NOT_FOUND', {}],
    ['/not%20a%20name/echo', 400, 'INVALID_ARGUMENT', {}],
    ['/a%2Fb/echo', 400, 'INVALID_ARGUMENT', {}],
    ['/service//echo', 400, 'INVALID_ARGUMENT', {}],
    ['/service/a-key/echo', 400, 'INVALID_ARGUMENT', {}],
    ['/service/%zz', 400, 'INVALID_ARGUMENT', {}],
    ['/service/trap', 500, 'INTERNAL', { reason: 'TRAP' }],
    ['/service/recurse', 429, 'RESOURCE_EXHAUSTED', { reason: 'STACK_OVERFLOW' }],
    ['', 404, 'NOT_FOUND', {}],
  ])('of %s is %i %s', async (path, status, code, details) => {
    const problem = await call(path, '{}');
    expect(problem).toMatchObject({ status, type: 'application/problem+json', json: { status, code, details } });
  });

  it('under a key gets the first answer again', async () => {
    const headers = { 'idempotency-key': 'once' };
    const first = await call('/durable/keyed/count', '{}', headers);
    expect(await call('/durable/keyed/count', '{}', headers)).toMatchObject({ status: 200, text: first.text });
    const other = await call('/durable/keyed/count', '{"other":1}', headers);
    expect(other).toMatchObject({ status: 400, json: { code: 'INVALID_ARGUMENT' } });
    expect(countOf((await client.call('durable/keyed', 'count', new Uint8Array())).bytes)).toBe(2);
  });

  it('ends at its Request-Timeout', async () => {
    const started = performance.now();
    const late = await call('/service/sleep', sleepPayload(20_000), { ...BYTES, 'request-timeout': '0.25' });
    expect(late).toMatchObject({ status: 504, json: { code: 'DEADLINE_EXCEEDED' } });
    expect(performance.now() - started).toBeLessThan(10_000);
    const wrong = await call('/service/echo', '{}', { 'request-timeout': '1s' });
    expect(wrong).toMatchObject({ status: 400, json: { detail: expect.stringContaining('Request-Timeout') } });
  });

  it('that waits is taken back when its client goes', async () => {
    const sleeping = call('/service/sleep', sleepPayload(3_000), BYTES);
    await expect.poll(() => client.pool('service')).toMatchObject({ active: 1 });
    const gone = new AbortController();
    const { signal } = gone;
    const waiting = http(address, '/api/v1/services/service/echo', { method: 'POST', body: {}, signal });
    await expect.poll(() => client.pool('service')).toMatchObject({ queued: 1 });
    gone.abort();
    await expect(waiting).rejects.toThrow(/abort/);
    await expect.poll(() => client.pool('service')).toMatchObject({ active: 1, queued: 0 });
    expect(await sleeping).toMatchObject({ status: 200 });
  });

  it('with more than the application takes is 413', async () => {
    const tooLarge = await call('/service/echo', new Uint8Array(5 * 1_048_576), BYTES);
    const json = { code: 'RESOURCE_EXHAUSTED', details: { reason: 'PAYLOAD_TOO_LARGE' } };
    expect(tooLarge).toMatchObject({ status: 413, json });
  });

  it('with more than the route takes is 413 before it is sent', async () => {
    const headers = { ...BYTES, 'content-length': String(1_073_741_824), 'x-plexspaces': '1' };
    const early = await http(address, '/api/v1/services/service/echo', { method: 'POST', headers });
    const json = { code: 'RESOURCE_EXHAUSTED', details: { reason: 'PAYLOAD_TOO_LARGE' } };
    expect(early).toMatchObject({ status: 413, json });
  });
});

describe('a tell', () => {
  it('is handled, and answered before that', async () => {
    const told = await post(address, '/api/v1/tell/durable/told/count', {});
    expect(told).toMatchObject({ status: 202, json: { id: 'durable/told', messageType: 'count' } });
    await expect
      .poll(() => client.actors('durable'))
      .toContainEqual(expect.objectContaining({ id: 'durable/told', sequence: 1 }));
  });

  it('to nobody is NOT_FOUND', async () => {
    expect(await post(address, '/api/v1/tell/nobody/count', {})).toMatchObject({ status: 404 });
  });
});

describe('the document form of a call', () => {
  it('has the reply in it, as the guest wrote it', async () => {
    const body = '{"id":"service","method":"echo","input":{"a":1.0,"b":[12345678901234567890]}}';
    const reply = await post(address, '/api/v1/invoke', body);
    expect(reply.text).toMatch(/"output":\{"a":1\.0,"b":\[12345678901234567890\]\}/);
    expect(reply.json).toMatchObject({ id: 'service/default', success: true, error: null, metadata: {} });
    expect(reply.json).toMatchObject({ duration: expect.stringMatching(/^\d+(\.\d+)?s$/) });
  });

  it('has bytes as base64', async () => {
    const request = { id: 'service', method: 'echo', inputBase64: Buffer.from('no JSON').toString('base64') };
    expect(await envelope(request)).toMatchObject({ json: { output: { base64: request.inputBase64 } } });
  });

  it("has the guest's no in it; everything else is a problem", async () => {
    const no = await envelope({ id: 'service', method: 'fail', input: 1 });
    const error = { code: 'EXECUTION_ERROR', message: 'no: 1', details: {} };
    expect(no).toMatchObject({ status: 200, json: { success: false, output: null, error } });
    expect(await envelope({ id: 'nobody', method: 'echo' })).toMatchObject({
      status: 404,
      json: { code: 'NOT_FOUND' },
    });
  });

  it.each([
    [{ id: 'service', method: 'echo', more: 1 }, /\$: expected the keys .+ found "more"/],
    [{ id: 'service', method: 7 }, /\$\.method: expected a string/],
    [{ id: 'service', method: 'echo', timeout: '5' }, /timeout: expected seconds such as 2\.5s/],
    [{ id: 'service', method: 'echo', inputBase64: '?' }, /inputBase64/],
    [{ id: 'service', method: 'echo', metadata: { a: 1 } }, /\$\.metadata: expected an object of strings/],
    [{ id: 'service' }, /method/],
    [[], /\$: expected a JSON object/],
  ])('%j is refused by name', async (request, message) => {
    const refused = await envelope(request);
    expect(refused).toMatchObject({ status: 400, json: { detail: expect.stringMatching(message) } });
  });

  it('has a timeout', async () => {
    const inputBase64 = Buffer.from(sleepPayload(20_000)).toString('base64');
    const late = await envelope({ id: 'service', method: 'sleep', inputBase64, timeout: '0.2s' });
    expect(late).toMatchObject({ status: 504 });
  });
});

describe('tuples', () => {
  it('are written, found, swapped, taken and counted', async () => {
    const pattern = ['t', { '?': 'any' }];
    expect(await tuples('write', '{"tuple":["t",6.0]}')).toEqual({ written: true });
    expect(await tuples('write', { tuple: ['t', { int: '9223372036854775807' }] })).toEqual({ written: true });
    expect(await tuples('count', { pattern })).toEqual({ count: 2 });
    expect(await tuples('read', { pattern })).toEqual({ tuple: ['t', { float: 6 }] });
    expect(await tuples('read-all', { pattern, limit: 5 })).toEqual({
      tuples: [
        ['t', { float: 6 }],
        ['t', { int: '9223372036854775807' }],
      ],
    });
    const swap = { pattern, expected: ['t', { float: 6 }], replacement: ['t', 'new'] };
    expect(await tuples('cas', swap)).toEqual({ swapped: true });
    expect(await tuples('cas', swap)).toEqual({ swapped: false });
    expect(await tuples('take', { pattern })).toEqual({ tuple: ['t', { int: '9223372036854775807' }] });
    expect(await tuples('take', { pattern })).toEqual({ tuple: ['t', 'new'] });
    expect(await tuples('take', { pattern })).toEqual({ tuple: null });
  });

  it('with a time to live have a lease', async () => {
    const { lease } = (await tuples('write', { tuple: ['lease'], ttlMs: 60_000 })) as { lease: number };
    expect(await tuples('renew', { lease, ttlMs: 60_000 })).toEqual({ renewed: true });
    expect(await tuples('renew', { lease: lease + 1, ttlMs: 60_000 })).toEqual({ renewed: false });
  });

  it('are waited for', async () => {
    const waiting = tuples('take', { pattern: ['later'], waitMs: 20_000 });
    await expect.poll(() => metric('plexspaces_space_waiters')).toBe('1');
    await client.tuples.write(['later']);
    expect(await waiting).toEqual({ tuple: ['later'] });
  });

  it('are waited for no longer when the client goes', async () => {
    const gone = new AbortController();
    const body = { pattern: ['never'], waitMs: 20_000 };
    const waiting = http(address, '/api/v1/tuples/take', { method: 'POST', body, signal: gone.signal });
    await expect.poll(() => metric('plexspaces_space_waiters')).toBe('1');
    gone.abort();
    await expect(waiting).rejects.toThrow(/abort/);
    await expect.poll(() => metric('plexspaces_space_waiters')).toBe('0');
  });

  it('under a key are taken once', async () => {
    const headers = { 'idempotency-key': 'take-1' };
    await client.tuples.write(['keyed', 1]);
    await client.tuples.write(['keyed', 2]);
    const pattern = ['keyed', { '?': 'int' }];
    expect(await tuples('take', { pattern }, headers)).toEqual({ tuple: ['keyed', 1] });
    expect(await tuples('take', { pattern }, headers)).toEqual({ tuple: ['keyed', 1] });
  });

  it('of another namespace are others', async () => {
    await tuples('write', { tuple: ['own'], namespace: 'other' });
    expect(await tuples('count', { pattern: ['own'] })).toEqual({ count: 0 });
    expect(await tuples('count', { pattern: ['own'], namespace: 'other' })).toEqual({ count: 1 });
  });

  it.each([
    ['write', { tuple: [{ a: 1 }] }, /\$\[0\]: expected a string, number/],
    ['write', {}, /\$: expected a JSON array \(the tuple\)/],
    ['write', { tuple: ['a'], ttlMs: -1 }, /\$\.ttlMs: expected an integer/],
    ['write', { tuple: ['a'], waitMs: 1 }, /found "waitMs"/],
    ['read', { pattern: ['a'], waitMs: 86_400_000 }, /wait_ms: expected at most/],
    ['count', { pattern: 'a' }, /\$: expected a JSON array \(the pattern\)/],
    ['count', '[', /expected JSON/],
  ])('%s of %j is refused by name', async (operation, body, message) => {
    const refused = await post(address, `/api/v1/tuples/${operation}`, body);
    const json = { code: 'INVALID_ARGUMENT', detail: expect.stringMatching(message) };
    expect(refused).toMatchObject({ status: 400, json });
  });
});

describe('a node that stops', () => {
  it('lets calls over HTTP finish, and takes no more', async () => {
    await using own = await makeTemporaryDirectory();
    const stopping = await RunningNode.start(own.path);
    const { grpc, http: port } = stopping.node.addresses;
    await using caller = await connect(grpc);
    await caller.deploy({ name: 'slow', version: '1', component: readEcho(), manifest: { kind: 'service' } });
    const headers = { ...BYTES, 'x-plexspaces': '1' };
    const path = '/api/v1/services/slow/sleep';
    const begun = http(port, path, { method: 'POST', body: sleepPayload(1_000), headers });
    await expect.poll(() => caller.pool('slow')).toMatchObject({ active: 1 });
    const stopped = stopping.node.close({ deadlineMs: 20_000 });
    const late = http(port, path, { method: 'POST', body: sleepPayload(1), headers });
    expect(await late.catch(() => ({ status: 503 }))).toMatchObject({ status: 503 });
    expect(await begun).toMatchObject({ status: 200 });
    await stopped;
    await stopping.close();
    await expect(http(port, '/healthz')).rejects.toThrow('ECONNREFUSED');
  });
});

function call(path: string, body?: HttpRequest['body'], headers?: HttpRequest['headers']): Promise<HttpReply> {
  return post(address, `/api/v1/services${path}`, body, headers);
}

function envelope(request: object): Promise<HttpReply> {
  return post(address, '/api/v1/invoke', request);
}

async function tuples(operation: string, body: object | string, headers?: HttpRequest['headers']): Promise<unknown> {
  const { status, text, json } = await post(address, `/api/v1/tuples/${operation}`, body, headers);
  if (status !== 200) throw new Error(text);
  return json;
}

async function metric(name: string): Promise<string | undefined> {
  const { text } = await http(address, '/metrics');
  return new RegExp(`^${name} (\\d+)$`, 'm').exec(text)?.[1];
}
