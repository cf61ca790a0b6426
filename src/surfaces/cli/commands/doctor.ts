import { ERRORS } from '../../../core/errors.js';
import type { CliCommand } from '../cli-command.js';
import { paintStatus } from '../colours.js';
import type { Finding } from '../examine.js';

export const doctor: CliCommand = {
  name: 'doctor',
  summary: 'check what ChatFlow needs, and say how to get what is missing',
  group: 'Server',
  examples: ['chatflow doctor', 'chatflow doctor --json'],
  run: async ({ io, out, wait }) => {
    const { examine } = await import('../examine.js');
    const findings = await wait('looking', () => examine(io));
    const ok = findings.every((finding) => finding.status === 'ok');
    out.result({ ok, checks: findings }, ({ checks }) =>
      checks.map(
        ({ name, status, message }) => `${paintStatus(out.colours, status.padEnd(4))}  ${name}: ${message}`,
      ),
    );
    return exitCodeOf(findings);
  },
};

/** 6 where Temporal is what is missing; else that of the first finding, such as 5 for a broken configuration. */
function exitCodeOf(findings: readonly Finding[]): number {
  const codes = findings.flatMap(({ error }) => (error === undefined ? [] : [ERRORS[error].exitCode]));
  const unreachable = ERRORS.TemporalUnavailableError.exitCode;
  return codes.includes(unreachable) ? unreachable : (codes[0] ?? 0);
}
