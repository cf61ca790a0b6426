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
    for (const file of files) reports.push(await checkFile(context, file));
    const valid = reports.every((report) => report.valid);
    context.out.result({ valid, files: reports }, () =>
      reports.flatMap(({ file, valid: isValid, diagnostics }) => [
        ...diagnostics.map(formatDiagnostic),
        ...(isValid ? [`${file}: ok`] : []),
      ]),
    );
    return valid ? 0 : ERRORS.SchemaValidationError.exitCode;
  },
};

async function checkFile({ io }: CommandContext, file: string): Promise<FileReport> {
  const { parseDefinition } = await import('../../../definition/parse-definition.js');
  const text = await readInput(io, file);
  const { diagnostics } = parseDefinition(text, { file: file === '-' ? '<stdin>' : file });
  return { file, valid: diagnostics.every(({ severity }) => severity !== 'error'), diagnostics };
}
