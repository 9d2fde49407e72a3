/** Applications: listed, deployed by an upload, started, stopped, undeployed. */
import { PlexSpacesError, quote } from '@plexspaces/core';
import { DeployApplicationRequest, toManifestMessage } from '@plexspaces/proto';
import { parseApplicationConfig } from '../../actors/application-config.ts';
import type { ApplicationConfig } from '../../actors/application-config.ts';
import type { GrpcServices } from '../grpc-server.ts';
import {
  APPLICATION_SCHEMA,
  applicationDocument,
  CHANGE_SCHEMA,
  changeDocument,
  DEPLOYED_SCHEMA,
  deployedDocument,
} from './application-documents.ts';
import { MAX_UPLOAD_BYTES } from './multipart.ts';
import type { Parts } from './multipart.ts';
import { jsonResponse, parameter, query } from './operations.ts';
import { textOf } from './payload.ts';
import { jsonAnswer } from './route.ts';
import type { HttpAnswer, HttpCall, HttpRoute, Operation } from './route.ts';

type Services = Pick<GrpcServices, 'applications'>;
type Handle = (services: Services, call: HttpCall) => Promise<HttpAnswer>;

const ROOT = '/api/v1/applications';
const ONE = `${ROOT}/:application`;
const TAGS = ['applications'] as const;
const APPLICATION = parameter('application', "The application's id.");
const FLAG = { type: 'boolean', default: false } as const;
/** Some clients send an empty document where none is asked for. */
const MAX_IDLE_BYTES = 1_024;
const PARTS = ['manifest', 'module', 'moduleHash', 'schema'];

const LISTING = jsonResponse('All applications, by their ids.', {
  type: 'object',
  properties: { applications: { type: 'array', items: APPLICATION_SCHEMA } },
});
const PURGED = jsonResponse('It is gone.', {
  type: 'object',
  properties: { applicationId: { type: 'string' }, purged: { type: 'boolean' } },
});
const UPLOAD = {
  required: true,
  content: {
    'multipart/form-data': {
      schema: {
        type: 'object',
        required: ['manifest'],
        properties: {
          manifest: { type: 'string', description: 'The text of its plexspaces.json.' },
          module: { type: 'string', format: 'binary', description: 'The component, unless the node holds it.' },
          moduleHash: { type: 'string', description: 'sha256 of the component.' },
          schema: { type: 'string', description: 'The text of the service description that the manifest names.' },
        },
      },
    },
  },
} as const;

export function applicationRoutes(services: Services): HttpRoute[] {
  const route = (method: HttpRoute['method'], path: string, handle: Handle, operation: Operation): HttpRoute => ({
    method,
    path,
    ...(method !== 'GET' && { right: 'deploy' as const }),
    bodyLimitBytes: operation.requestBody === undefined ? MAX_IDLE_BYTES : MAX_UPLOAD_BYTES,
    operation: path.startsWith(ONE)
      ? { ...operation, parameters: [APPLICATION, ...(operation.parameters ?? [])] }
      : operation,
    handle: (call) => handle(services, call),
  });
  return [
    route('GET', ROOT, list, describe('listApplications', 'All applications.', [], LISTING)),
    route(
      'GET',
      ONE,
      status,
      describe('getApplication', 'One application.', [], jsonResponse('It.', APPLICATION_SCHEMA)),
    ),
    route('POST', `${ROOT}/deploy`, deploy, {
      ...describe('deployApplication', 'Makes an application run.', [], jsonResponse('It runs.', DEPLOYED_SCHEMA)),
      requestBody: UPLOAD,
    }),
    route(
      'DELETE',
      ONE,
      undeploy,
      describe(
        'undeployApplication',
        'Stops and forgets it.',
        [query('purge', 'Deletes the state of its actors too.', FLAG)],
        PURGED,
      ),
    ),
    route(
      'POST',
      `${ONE}/start`,
      start,
      describe('startApplication', 'Starts it.', [], jsonResponse('It runs.', CHANGE_SCHEMA)),
    ),
    route(
      'POST',
      `${ONE}/stop`,
      stop,
      describe(
        'stopApplication',
        'Stops it; it stays deployed.',
        [query('force', 'Ends running calls at once.', FLAG)],
        jsonResponse('It has stopped.', CHANGE_SCHEMA),
      ),
    ),
  ];
}

function describe(operationId: string, summary: string, parameters: readonly object[], answer: object): Operation {
  return { operationId, summary, tags: TAGS, parameters, responses: { 200: answer } };
}

async function list({ applications }: Services, { context }: HttpCall): Promise<HttpAnswer> {
  const reply = await applications.listApplications({ statusFilter: undefined }, context);
  return jsonAnswer({ applications: (reply.applications ?? []).map(applicationDocument) });
}

async function status({ applications }: Services, call: HttpCall): Promise<HttpAnswer> {
  const reply = await applications.getApplicationStatus({ applicationId: idOf(call) }, call.context);
  return jsonAnswer(applicationDocument(reply.application ?? {}));
}

async function deploy({ applications }: Services, { parts, context }: HttpCall): Promise<HttpAnswer> {
  const request = deployRequestOf(await parts());
  return jsonAnswer(deployedDocument(request, await applications.deployApplication(request, context)));
}

async function undeploy({ applications }: Services, call: HttpCall): Promise<HttpAnswer> {
  const applicationId = idOf(call);
  const purge = flagOf(call, 'purge');
  await applications.undeployApplication({ applicationId, purge, timeout: undefined }, call.context);
  return jsonAnswer({ applicationId, purged: purge });
}

async function start({ applications }: Services, call: HttpCall): Promise<HttpAnswer> {
  const name = idOf(call);
  const { application } = await applications.startApplication({ name }, call.context);
  return jsonAnswer(changeDocument(name, application));
}

async function stop({ applications }: Services, call: HttpCall): Promise<HttpAnswer> {
  const name = idOf(call);
  const { application } = await applications.stopApplication({ name, force: flagOf(call, 'force') }, call.context);
  return jsonAnswer(changeDocument(name, application));
}

function deployRequestOf(parts: Parts): DeployApplicationRequest {
  for (const name of parts.keys()) {
    if (!PARTS.includes(name)) throw invalid(`expected the parts ${PARTS.join(', ')}, found ${quote(name)}`);
  }
  const manifest = partText(parts, 'manifest');
  if (manifest === undefined) throw invalid('manifest: expected a part of this name, found none');
  const config = parseApplicationConfig(manifest, 'manifest');
  const { name, version, description = '', env = {} } = config;
  const moduleBytes = parts.get('module') ?? new Uint8Array();
  const moduleHash = partText(parts, 'moduleHash') ?? '';
  return DeployApplicationRequest.fromPartial({
    applicationId: name,
    name,
    version,
    wasmModule: { name, version, moduleBytes, moduleHash },
    config: { name, version, description, env },
    manifest: toManifestMessage({ ...config, schema: schemaOf(config, parts) }),
  });
}

/** The manifest has the name of a file, which is nothing to a node. */
function schemaOf({ schema }: ApplicationConfig, parts: Parts): string | undefined {
  const text = partText(parts, 'schema');
  if ((schema === undefined) === (text === undefined)) return text;
  const [there, missing] = schema === undefined ? ['part', 'manifest'] : ['manifest', 'part'];
  throw invalid(
    `schema: expected it in the manifest and as a part, found it in the ${there} and not in the ${missing}`,
  );
}

function partText(parts: Parts, name: string): string | undefined {
  const bytes = parts.get(name);
  return bytes === undefined ? undefined : textOf(bytes, name);
}

function idOf({ parameters }: HttpCall): string {
  return parameters['application'] ?? '';
}

function flagOf({ query: given }: HttpCall, name: string): boolean {
  const text = given[name] ?? 'false';
  if (text === 'true' || text === 'false') return text === 'true';
  throw invalid(`${name}: expected true or false, found ${quote(text)}`);
}

function invalid(message: string): PlexSpacesError {
  return new PlexSpacesError('INVALID_ARGUMENT', message, { reason: 'VALIDATION' });
}
