import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { fromBinary } from '@bufbuild/protobuf';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import type { DescriptorProto, FileDescriptorSet } from '@bufbuild/protobuf/wkt';
import { descriptorSet } from '@plexspaces/proto';
import { describe, expect, it } from 'vitest';

const PROTO = fileURLToPath(new URL('../../../packages/proto', import.meta.url));

/** What clients written against the published files rely on; `name:number` of every field. */
const NUMBERS: Readonly<Record<string, string>> = {
  'plexspaces.application.v1.DeployApplicationRequest':
    'application_id:1 name:2 version:3 wasm_module:4 config:5 release_config:6 initial_state:7 manifest:100',
  'plexspaces.application.v1.DeployApplicationResponse':
    'success:1 application_id:2 status:3 error:4 cache:100 module_hash:101 elapsed:102',
  'plexspaces.application.v1.UndeployApplicationRequest': 'application_id:1 timeout:2 purge:100',
  'plexspaces.application.v1.UndeployApplicationResponse': 'success:1 error:2',
  'plexspaces.application.v1.ListApplicationsRequest': 'status_filter:1',
  'plexspaces.application.v1.ListApplicationsResponse': 'applications:1',
  'plexspaces.application.v1.ApplicationInfo':
    'application_id:1 name:2 version:3 status:4 deployed_at:5 metrics:6 service:100 kind:101 module_hash:102 error:103',
  'plexspaces.application.v1.ApplicationMetrics': 'actor_count:1 supervisor_count:2 uptime_seconds:3',
  'plexspaces.application.v1.GetApplicationStatusRequest': 'application_id:1',
  'plexspaces.application.v1.GetApplicationStatusResponse': 'application:1 state:2 error:3',
  'plexspaces.application.v1.ApplicationRuntimeState': 'name:1 status:2 start_timestamp_ms:3 supervisor_pid:4 env:5',
  'plexspaces.application.v1.StartApplicationRequest': 'name:1',
  'plexspaces.application.v1.StartApplicationResponse': 'application:1',
  'plexspaces.application.v1.StopApplicationRequest': 'name:1 force:2',
  'plexspaces.application.v1.StopApplicationResponse': 'application:1',
  'plexspaces.application.v1.Application': 'config:1 state:2 health:3 started_at:4 statistics:5',
  'plexspaces.application.v1.ApplicationStatistics':
    'actors_spawned:1 actors_active:2 messages_processed:3 errors_total:4 restarts:5',
  'plexspaces.application.v1.ApplicationSpec':
    'name:1 version:2 description:3 type:4 dependencies:5 env:6 supervisor:7',
  'plexspaces.application.v1.SupervisorSpec': 'strategy:1 max_restarts:2 max_restart_window:3 children:4',
  'plexspaces.application.v1.ChildSpec': 'id:1 type:2 args:3 restart:4 shutdown_timeout:5 supervisor:6 facets:7',
  'plexspaces.wasm.v1.WasmModule':
    'name:1 version:2 module_bytes:3 module_hash:4 wit_interface:5 source_languages:6 metadata:7 created_at:8 size_bytes:9 version_number:10',
  'plexspaces.v1.ServiceRequest': 'id:1 method:2 input:3 metadata:4 timeout:5 idempotency_key:6 correlation:7',
  'plexspaces.v1.ServiceResponse': 'id:1 success:2 output:3 error:4 metadata:5 duration:6 correlation:7',
  'plexspaces.v1.ServiceError': 'code:1 message:2 details:3',
  'plexspaces.v1.RequestFrame': 'requests:1',
  'plexspaces.v1.ResponseFrame': 'responses:1',
  'plexspaces.v1.TupleRequest': 'correlation:1 write:2 take:3 read:4 count:5 compare_and_swap:6 renew:7 read_all:8',
  'plexspaces.v1.TupleResponse':
    'correlation:1 write:2 take:3 read:4 count:5 compare_and_swap:6 renew:7 read_all:8 error:9',
  'plexspaces.v1.TupleRequestFrame': 'requests:1 cancelled:2',
  'plexspaces.v1.TupleResponseFrame': 'responses:1',
};

/** `name:number` without the enum's prefix and without UNSPECIFIED, which is 0 in all. */
const ENUMS: Readonly<Record<string, string>> = {
  'plexspaces.application.v1.ApplicationStatus': 'LOADING:1 STARTING:2 RUNNING:3 STOPPING:4 STOPPED:5 FAILED:6',
  'plexspaces.application.v1.ApplicationType': 'LIBRARY:1 ACTIVE:2',
  'plexspaces.application.v1.SupervisionStrategy': 'ONE_FOR_ONE:1 ONE_FOR_ALL:2 REST_FOR_ONE:3',
  'plexspaces.application.v1.ChildType': 'WORKER:1 SUPERVISOR:2',
  'plexspaces.application.v1.RestartPolicy': 'PERMANENT:1 TRANSIENT:2 TEMPORARY:3',
};

describe('the wire', () => {
  const published = fromBinary(FileDescriptorSetSchema, descriptorSet());
  const messages = new Map(
    published.file.flatMap((file) => file.messageType.map((m) => [`${file.package}.${m.name}`, m])),
  );

  it.each(Object.entries(NUMBERS))('%s keeps its field numbers', (name, fields) => {
    expect(numbersOf(messages.get(name))).toBe(fields);
  });

  it.each(Object.entries(ENUMS))('%s keeps its values', (name, values) => {
    expect(valuesOf(published, name)).toBe(`UNSPECIFIED:0 ${values}`);
  });

  it('has every service with its methods', () => {
    const services = published.file.flatMap((file) =>
      file.service.map((service) => `${file.package}.${service.name}: ${service.method.map((m) => m.name).join(' ')}`),
    );
    expect(services.toSorted()).toEqual([
      'plexspaces.application.v1.ApplicationService: DeployApplication UndeployApplication ListApplications GetApplicationStatus StartApplication StopApplication',
      'plexspaces.v1.ActorService: Invoke InvokeStream Tell ListActors GetActor Checkpoint ReadJournal RewindActor ForkActor ListQuarantined RetryQuarantined DropQuarantined',
      'plexspaces.v1.DescriptionService: DescribeService',
      'plexspaces.v1.ModuleService: HasModule UploadModule',
      'plexspaces.v1.PoolService: GetPool',
      'plexspaces.v1.TupleSpaceService: Write Renew Read Take ReadAll Count CompareAndSwap Subscribe Stream',
    ]);
  });

  it('is what the .proto files say now: the generated code is not behind them', () => {
    const args = ['build', '--as-file-descriptor-set', '--exclude-source-info', '-o', '-#format=binpb'];
    const current = execFileSync('buf', args, { cwd: PROTO, env: { ...process.env, PATH: searchPath() } });
    expect(Buffer.from(descriptorSet()).equals(current)).toBe(true);
  });
});

function numbersOf(message: DescriptorProto | undefined): string | undefined {
  return message?.field.map(({ name, number }) => `${name}:${number}`).join(' ');
}

function valuesOf({ file }: FileDescriptorSet, name: string): string | undefined {
  const found = file.flatMap((f) => f.enumType.filter((e) => `${f.package}.${e.name}` === name)).at(0);
  const prefix = `${found?.name.replaceAll(/(?<=[a-z])(?=[A-Z])/g, '_').toUpperCase()}_`;
  return found?.value.map((value) => `${value.name.replace(prefix, '')}:${value.number}`).join(' ');
}

/** buf is a development tool of this repository, wherever the tests are started from. */
function searchPath(): string {
  return `${fileURLToPath(new URL('../../../node_modules/.bin', import.meta.url))}:${process.env['PATH'] ?? ''}`;
}
