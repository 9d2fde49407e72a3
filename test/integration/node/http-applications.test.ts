/** Applications over HTTP: deployed by an upload, looked at, stopped, started, undeployed. */
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readEcho } from '../../fixtures/components/wat.ts';
import { formData, http, post } from '../../support/http.ts';
import type { HttpReply } from '../../support/http.ts';
import { makeTemporaryDirectory } from '../../support/temporary-directory.ts';
import type { TemporaryDirectory } from '../../support/temporary-directory.ts';
import { RunningNode } from './running-node.ts';

const APPLICATIONS = '/api/v1/applications';
const MANIFEST = { name: 'echo', version: '1.2.3', kind: 'service', workers: { min: 1, max: 2 } };
const MIB = 1_048_576;

let temporary: TemporaryDirectory;
let running: RunningNode;
let address: string;
const component = readEcho();
const moduleHash = createHash('sha256').update(component).digest('hex');

beforeAll(async () => {
  temporary = await makeTemporaryDirectory();
  running = await RunningNode.start(temporary.path);
  address = running.node.addresses.http;
});

afterAll(async () => {
  await running.close();
  await temporary[Symbol.asyncDispose]();
});

describe('an application', () => {
  it('is deployed by its manifest and its component', async () => {
    const deployed = await deploy({ manifest: JSON.stringify(MANIFEST), module: component });
    expect(deployed).toMatchObject({
      status: 200,
      json: { applicationId: 'echo', name: 'echo', version: '1.2.3', status: 'RUNNING', moduleHash, cache: 'miss' },
    });
    expect(await post(address, '/api/v1/services/echo/echo', [1])).toMatchObject({ status: 200, json: [1] });
    expect(await running.pools.getPool({ applicationId: 'echo' })).toMatchObject({ min: 1, max: 2 });
  });

  it('is deployed again by the hash of its component alone', async () => {
    const again = await deploy({ manifest: JSON.stringify(MANIFEST), moduleHash });
    expect(again).toMatchObject({ status: 200, json: { cache: 'hit', moduleHash } });
  });

  it('is listed and looked at', async () => {
    const { name, version, kind } = MANIFEST;
    const document = { applicationId: 'echo', name, version, status: 'RUNNING', service: 'echo', kind, moduleHash };
    expect((await http(address, APPLICATIONS)).json).toEqual({ applications: [document] });
    expect((await http(address, `${APPLICATIONS}/echo`)).json).toEqual(document);
    expect(await http(address, `${APPLICATIONS}/nobody`)).toMatchObject({ status: 404, json: { code: 'NOT_FOUND' } });
  });

  it('is in the description of the port, which refers to nothing that is missing', async () => {
    const { json, text } = await http(address, '/api/v1/openapi.json');
    const { openapi, paths } = json as { openapi: string; paths: Record<string, Record<string, object>> };
    expect(openapi).toBe('3.1.0');
    expect(Object.keys(paths)).toContain('/api/v1/services/echo/{method}');
    expect(Object.keys(paths)).toContain('/api/v1/services/{service}/{key}/{method}');
    expect(Object.keys(paths['/api/v1/applications/{application}'] ?? {})).toEqual(['get', 'delete']);
    const references = [...text.matchAll(/"\$ref":"([^"]+)"/g)].map(([, reference]) => reference);
    expect(new Set(references)).toEqual(new Set(['#/components/schemas/Problem']));
    expect(json).toHaveProperty('components.schemas.Problem');
    const declared = (path: string): string[] => [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
    for (const [path, operations] of Object.entries(paths)) {
      for (const operation of Object.values(operations)) {
        const parameters = (operation as { parameters?: { name: string; in: string }[] }).parameters ?? [];
        expect(parameters.filter((one) => one.in === 'path').map(({ name }) => name)).toEqual(declared(path));
      }
    }
    const ids = [...text.matchAll(/"operationId":"([^"]+)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('is stopped and started', async () => {
    expect(await post(address, `${APPLICATIONS}/echo/stop?force=true`)).toMatchObject({
      status: 200,
      json: { applicationId: 'echo', status: 'STOPPED' },
    });
    expect(await post(address, '/api/v1/services/echo/echo', {})).toMatchObject({
      status: 400,
      json: { code: 'FAILED_PRECONDITION' },
    });
    expect((await post(address, `${APPLICATIONS}/echo/start`)).json).toEqual({
      applicationId: 'echo',
      status: 'RUNNING',
    });
    expect(await post(address, `${APPLICATIONS}/echo/stop?force=perhaps`)).toMatchObject({ status: 400 });
  });

  it('is undeployed', async () => {
    const undeploy = { method: 'DELETE', headers: { 'x-plexspaces': '1' } };
    const gone = await http(address, `${APPLICATIONS}/echo?purge=true`, undeploy);
    expect(gone).toMatchObject({ status: 200, json: { applicationId: 'echo', purged: true } });
    expect(await http(address, `${APPLICATIONS}/echo`, undeploy)).toMatchObject({ status: 404 });
  });
});

describe('an application with a description', () => {
  const schema = `type Service {
  "Gives back what it gets."
  echo(input: In!): Out!
  ping: Out @deprecated(reason: "old")
}
input In { a: Int!, kind: Kind }
type Out { a: Int! }
enum Kind { ONE TWO }`;
  const manifest = JSON.stringify({ name: 'described', version: '1', kind: 'durable', schema: 'service.graphql' });

  it('is deployed with its text, by which its calls are checked', async () => {
    expect(await deploy({ manifest })).toMatchObject({
      status: 400,
      json: { detail: expect.stringMatching(/^schema: /) },
    });
    expect(await deploy({ manifest, schema, module: component })).toMatchObject({ status: 200 });
    const call = '/api/v1/services/described/k/echo';
    expect(await post(address, call, { a: 1 })).toMatchObject({ status: 200, json: { a: 1 } });
    const json = { code: 'INVALID_ARGUMENT', detail: expect.stringMatching(/\$\.a: expected Int!?, found/) };
    expect(await post(address, call, { a: '1' })).toMatchObject({ status: 400, json });
  });

  it('has a path for each of its methods in the description of the port', async () => {
    const { json, text } = await http(address, '/api/v1/openapi.json');
    const input = { type: 'object', required: ['a'], properties: { a: { type: 'integer', maximum: 2_147_483_647 } } };
    expect(json).toMatchObject({
      paths: {
        '/api/v1/services/described/{key}/echo': {
          post: {
            operationId: 'described.echo',
            summary: 'Gives back what it gets.',
            requestBody: { content: { 'application/json': { schema: { $ref: '#/components/schemas/described.In' } } } },
          },
        },
        '/api/v1/services/described/{key}/ping': { post: { deprecated: true } },
      },
      components: { schemas: { 'described.In': input, 'described.Kind': { enum: ['ONE', 'TWO'] } } },
    });
    for (const [, name = ''] of text.matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g)) {
      expect(json).toHaveProperty(['components', 'schemas', name]);
    }
    const { headers } = { headers: { 'x-plexspaces': '1' } };
    await http(address, `${APPLICATIONS}/described?purge=true`, { method: 'DELETE', headers });
  });
});

describe('a deploy is refused', () => {
  const manifest = JSON.stringify({ ...MANIFEST, name: 'bad' });

  it.each<[what: string, parts: Record<string, string | Uint8Array>, code: string, message: RegExp]>([
    ['without a manifest', { module: component }, 'INVALID_ARGUMENT', /^manifest: expected a part/],
    ['with an unknown key', { manifest: '{"name":"a","version":"1","colour":1}' }, 'INVALID_ARGUMENT', /colour/],
    ['with a manifest that is no JSON', { manifest: '{' }, 'INVALID_ARGUMENT', /^manifest: expected JSON/],
    ['with another part', { manifest, extra: 'x' }, 'INVALID_ARGUMENT', /found "extra"/],
    ['without a component', { manifest }, 'INVALID_ARGUMENT', /module_bytes or module_hash/],
    [
      'with a hash of other bytes',
      { manifest, module: component, moduleHash: 'a'.repeat(64) },
      'INVALID_ARGUMENT',
      /./,
    ],
    ['with a hash that nobody stored', { manifest, moduleHash: 'b'.repeat(64) }, 'NOT_FOUND', /is not stored/],
    ['with garbage', { manifest, module: Uint8Array.of(1, 2, 3) }, 'INVALID_ARGUMENT', /./],
    ['with a description that no manifest names', { manifest, schema: 'type Query' }, 'INVALID_ARGUMENT', /^schema: /],
  ])('%s', async (_what, parts, code, message) => {
    const refused = await deploy(parts);
    expect(refused).toMatchObject({ json: { code, detail: expect.stringMatching(message) } });
    expect((await http(address, APPLICATIONS)).json).toEqual({ applications: [] });
  });

  it('as JSON, which it is not', async () => {
    expect(await post(address, `${APPLICATIONS}/deploy`, MANIFEST)).toMatchObject({ status: 406 });
  });

  it('by a page: a form says nothing of X-PlexSpaces', async () => {
    const { body, headers } = await formData({ manifest, module: component });
    expect(await http(address, `${APPLICATIONS}/deploy`, { method: 'POST', body, headers })).toMatchObject({
      status: 403,
    });
  });

  it('where it says that it is larger than an upload may be, before it is sent', async () => {
    const headers = { 'content-type': 'multipart/form-data; boundary=x', 'content-length': String(1024 * MIB) };
    const early = await post(address, `${APPLICATIONS}/deploy`, undefined, headers);
    expect(early).toMatchObject({ status: 413, json: { details: { reason: 'PAYLOAD_TOO_LARGE' } } });
  });

  it('where it is larger than it may be, without saying so', async () => {
    const { body, headers } = await formData({ manifest, module: new Uint8Array(97 * MIB) });
    const chunked = { ...headers, 'transfer-encoding': 'chunked', 'x-plexspaces': '1' };
    const late = await http(address, `${APPLICATIONS}/deploy`, { method: 'POST', headers: chunked, body });
    expect(late).toMatchObject({ status: 413, json: { details: { reason: 'PAYLOAD_TOO_LARGE' } } });
    expect((await http(address, APPLICATIONS)).json).toEqual({ applications: [] });
  });
});

async function deploy(parts: Readonly<Record<string, string | Uint8Array>>): Promise<HttpReply> {
  const { body, headers } = await formData(parts);
  return post(address, `${APPLICATIONS}/deploy`, body, headers);
}
