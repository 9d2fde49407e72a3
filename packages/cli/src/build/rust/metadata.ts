/** The part of `cargo metadata` that a build looks at, in cargo's own names. */
import { PlexSpacesError } from '@plexspaces/core';

export interface Metadata {
  readonly packages: readonly PackageEntry[];
  readonly resolve: { readonly root: string | null; readonly nodes: readonly ResolveNode[] };
  readonly target_directory: string;
  readonly workspace_root: string;
}

export interface PackageEntry {
  readonly id: string;
  readonly name: string;
  readonly manifest_path: string;
  /** Null for a package that lies on this machine. */
  readonly source: string | null;
  readonly targets: readonly { readonly name: string; readonly crate_types: readonly string[] }[];
}

interface ResolveNode {
  readonly id: string;
  readonly dependencies: readonly string[];
}

/** @throws INTERNAL for what is not of format version 1. */
export function parseMetadata(text: string): Metadata {
  const value: unknown = JSON.parse(text);
  if (isMetadata(value)) return value;
  throw new PlexSpacesError('INTERNAL', 'cargo metadata: expected format version 1, found another form');
}

function isMetadata(value: unknown): value is Metadata {
  return (
    isRecord(value) &&
    isListOf(value['packages'], isPackage) &&
    isRecord(value['resolve']) &&
    isTextOrNull(value['resolve']['root']) &&
    isListOf(value['resolve']['nodes'], isNode) &&
    isText(value['target_directory']) &&
    isText(value['workspace_root'])
  );
}

function isPackage(value: unknown): value is PackageEntry {
  return (
    isRecord(value) &&
    [value['id'], value['name'], value['manifest_path']].every(isText) &&
    isTextOrNull(value['source']) &&
    isListOf(value['targets'], isTarget)
  );
}

function isTarget(value: unknown): value is PackageEntry['targets'][number] {
  return isRecord(value) && isText(value['name']) && isListOf(value['crate_types'], isText);
}

function isNode(value: unknown): value is ResolveNode {
  return isRecord(value) && isText(value['id']) && isListOf(value['dependencies'], isText);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isListOf<T>(value: unknown, is: (item: unknown) => item is T): value is T[] {
  return Array.isArray(value) && value.every((item) => is(item));
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function isTextOrNull(value: unknown): value is string | null {
  return value === null || isText(value);
}
