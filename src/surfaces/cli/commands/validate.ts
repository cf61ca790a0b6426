import { dirname, relative, resolve } from 'node:path';
import type { Diagnostic } from '../../../definition/diagnostic.js';
import { ERRORS } from '../../../core/errors.js';
import type { CliCommand, CommandContext } from '../cli-command.js';
import { readInput } from '../read-argument.js';

interface FileReport {
  readonly file: string;
  readonly valid: boolean;
  readonly diagnostics: readonly Diagnostic[];
}

export const validate: CliCommand = {
  name: 'validate',
  summary: 'check definitions: every problem with its line, column and what to do',
  group: 'Definitions',
  examples: [
    'chatflow validate flow.yaml',
    'chatflow validate definitions/*.yaml --json',
    'cat flow.yaml | chatflow validate -',
  ],
  define: (command) => command.argument('<files...>', 'definition files, - for standard input'),
  run: async (context, files) => {
    const { formatDiagnostic } = await import('../../../definition/format-diagnostic.js');
    const reports: FileReport[] = [];
    const texts = new Map<string, string>();
    for (const file of files) if (!texts.has(file)) texts.set(file, await readInput(context.io, file));
    const known = await findKnown(context, texts);
    for (const [file, text] of texts) reports.push(await checkFile(file, text, known));
    const valid = reports.every((report) => report.valid);
    context.out.result({ valid, files: reports }, ({ files: shown }) =>
      shown.flatMap(({ file, valid: isValid, diagnostics }) => [
        ...diagnostics.map(formatDiagnostic),
        ...(isValid ? [`${file}: ok`] : []),
      ]),
    );
    return valid ? 0 : ERRORS.SchemaValidationError.exitCode;
  },
};

async function checkFile(file: string, text: string, known: Known): Promise<FileReport> {
  const { parseDefinition } = await import('../../../definition/parse-definition.js');
  const { diagnostics } = parseDefinition(text, { file: file === '-' ? '<stdin>' : file, ...known });
  return { file, valid: diagnostics.every(({ severity }) => severity !== 'error'), diagnostics };
}

interface Known {
  readonly knownDefinitions: readonly string[];
  readonly lookedIn: readonly string[];
}

/** Definitions that a file may refer to: those given beside it, and those of its folder and the configured ones. */
async function findKnown({ io }: CommandContext, texts: ReadonlyMap<string, string>): Promise<Known> {
  const { listDefinitionNames } = await import('../../../client/list-definition-names.js');
  const { parseDefinition } = await import('../../../definition/parse-definition.js');
  const own = [...texts.keys()].filter((file) => file !== '-').map((file) => dirname(resolve(io.cwd, file)));
  const folders = [...new Set([...own, ...(await configuredFolders(io))])];
  const given = [...texts.values()].flatMap((text) => {
    const { definition } = parseDefinition(text);
    return definition ? [`${definition.name}@${definition.version}`] : [];
  });
  return {
    knownDefinitions: [...given, ...(await listDefinitionNames(folders))],
    lookedIn: folders.map((folder) => relative(io.cwd, folder) || '.'),
  };
}

/** None where the configuration cannot be read: a definition may be checked without one. */
async function configuredFolders({ env, cwd }: CommandContext['io']): Promise<readonly string[]> {
  const { loadConfig } = await import('../../../platform/config.js');
  try {
    return loadConfig({ env, cwd }).definitions;
  } catch {
    return [];
  }
}
