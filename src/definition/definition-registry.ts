/**
 * Definitions by name. A file `name@vX.Y.yaml` holds one version; `name.yaml` holds the version that its document
 * says. `name` means the latest, `name@1.2` or `name@v1.2` exactly that one. Where two files hold the same version, the
 * one in the earlier folder counts.
 */
import { ChatFlowError } from '../core/errors.js';
import semver from 'semver';
import { SCHEMA_ID } from '../json/schema-id.js';
import { nearestName } from './nearest-name.js';
import { parseDefinition } from './parse-definition.js';

export interface DefinitionFile {
  /** The file's own name, without a path. */
  readonly name: string;
  readonly path: string;
}

/** The port below a registry: files in the order of their folders. */
export interface DefinitionFiles {
  list(): Promise<readonly DefinitionFile[]>;
  /** A file's text; null where it is gone. */
  read(file: DefinitionFile): Promise<string | null>;
}

export interface FoundDefinition {
  /** What the file is named for; null of a text that has no name but its document's. */
  readonly name: string | null;
  /** As the file or its document writes it; null where neither says. */
  readonly version: string | null;
  readonly text: string;
  /** For diagnostics. */
  readonly file: string;
}

export interface DefinitionRegistry {
  /**
   * The definition of a schema id: `name` or `name@version`.
   * @throws ChatFlowError `SchemaNotFoundError`, which lists what there is; `InvalidInputError` for what is no id
   */
  find(schemaId: string): Promise<FoundDefinition>;
  /** The names of all definitions, sorted, each once. */
  names(): Promise<readonly string[]>;
}

const FILE_NAME = /^([A-Za-z0-9_-]{1,128})(?:@v?([A-Za-z0-9][A-Za-z0-9.+-]{0,63}?))?\.(?:ya?ml|json)$/;

interface Candidate {
  readonly file: DefinitionFile;
  readonly name: string;
  readonly version: string | null;
}

interface Versioned extends Candidate {
  readonly text: string | null;
}

/** A name and, where one is given, a version. @throws ChatFlowError `InvalidInputError` */
export function parseSchemaId(schemaId: string): { readonly name: string; readonly version: string | null } {
  const match = SCHEMA_ID.exec(schemaId);
  if (match !== null) return { name: match[1] ?? '', version: match[2] ?? null };
  const shown = JSON.stringify(schemaId.slice(0, 200));
  throw new ChatFlowError('InvalidInputError', `schema_id must be name or name@version, not ${shown}`, {
    field: 'schema_id',
  });
}

/** `1.2` counts as 1.2.0; what begins with no digit has no place in the order. */
function order(version: string | null): semver.SemVer | null {
  if (version === null || !/^\d/.test(version)) return null;
  return semver.parse(version) ?? semver.coerce(version, { includePrerelease: true });
}

/** Newest first; what is no version comes last, and the order of the folders decides between equals. */
function compareVersions(left: string | null, right: string | null): number {
  const [a, b] = [order(left), order(right)];
  if (a !== null && b !== null) return semver.rcompare(a, b);
  return Number(a === null) - Number(b === null);
}

/** Whether two versions are one: `1.2` is 1.2.0. */
export function isSameVersion(version: string | null, wanted: string): boolean {
  if (version === null) return false;
  const [a, b] = [order(version), order(wanted)];
  return version === wanted || (a !== null && b !== null && semver.eq(a, b));
}

function toCandidate(file: DefinitionFile): readonly Candidate[] {
  const match = FILE_NAME.exec(file.name);
  return match === null ? [] : [{ file, name: match[1] ?? '', version: match[2] ?? null }];
}

/** A file without a version in its name is read for the one in its document. */
async function withVersion(candidate: Candidate, files: DefinitionFiles): Promise<Versioned> {
  if (candidate.version !== null) return { ...candidate, text: null };
  const text = await files.read(candidate.file);
  const definition = text === null ? null : parseDefinition(text, { file: candidate.file.path }).definition;
  return { ...candidate, version: definition?.version ?? null, text };
}

function notFound(schemaId: string, name: string, available: readonly Candidate[]): ChatFlowError {
  const names = [...new Set(available.map((candidate) => candidate.name))].sort();
  const versions = available
    .filter((one) => one.name === name)
    .map((one) => one.version ?? 'without version');
  const near = nearestName(name, names);
  const known = names.length === 0 ? 'there are none' : `there are ${names.slice(0, 20).join(', ')}`;
  const hint = near === undefined ? known : `did you mean ${near}?`;
  const way = versions.length > 0 ? `there are the versions ${versions.join(', ')}` : hint;
  return new ChatFlowError('SchemaNotFoundError', `No definition ${schemaId}: ${way}`, {
    schema_id: schemaId,
    available: versions.length > 0 ? versions : names.slice(0, 100),
  });
}

/** A registry over files, which are looked at afresh at every call. */
export function createDefinitionRegistry(files: DefinitionFiles): DefinitionRegistry {
  const listAll = async (): Promise<readonly Candidate[]> => (await files.list()).flatMap(toCandidate);

  async function find(schemaId: string): Promise<FoundDefinition> {
    const { name, version } = parseSchemaId(schemaId);
    const all = await listAll();
    const own = all.filter((candidate) => candidate.name === name);
    const versioned = await Promise.all(own.map((candidate) => withVersion(candidate, files)));
    const fitting =
      version === null ? versioned : versioned.filter((one) => isSameVersion(one.version, version));
    const best = [...fitting].sort((left, right) => compareVersions(left.version, right.version))[0];
    if (best === undefined) throw notFound(schemaId, name, own.length > 0 ? versioned : all);
    const text = best.text ?? (await files.read(best.file));
    if (text === null) throw notFound(schemaId, name, []);
    return { name, version: best.version, text, file: best.file.path };
  }

  return {
    find,
    names: async () => [...new Set((await listAll()).map((candidate) => candidate.name))].sort(),
  };
}
