import type { Path, Report } from './finding.js';
import { show } from './finding.js';
import { NAME, reservedBy } from './names.js';
import type { Outline, PhaseOutline } from './outline.js';

interface Named {
  readonly name: string;
  readonly path: Path;
}

/** Names are unique and no words of the language or of CEL. */
export function checkNames(outline: Outline, report: Report): void {
  const phases = outline.phases.filter(({ name }) => name !== '');
  checkUnique(phases.map(toNamed), 'phase', report);
  for (const { name, path } of phases) checkReserved(name, [...path, 'name'], report);
  for (const phase of outline.phases) if (!phase.isSingle) checkTaskNames(phase, report);
}

function toNamed({ name, path }: PhaseOutline): Named {
  return { name, path: [...path, 'name'] };
}

function checkTaskNames({ tasks }: PhaseOutline, report: Report): void {
  const named = tasks.map(({ name, isNamed, path }) => ({ name, path: isNamed ? [...path, 'name'] : path }));
  checkUnique(named, 'task of this phase', report);
  for (const { name, path } of named) checkReserved(name, path, report);
}

function checkUnique(all: readonly Named[], what: string, report: Report): void {
  const seen = new Set<string>();
  for (const { name, path } of all) {
    if (seen.has(name)) {
      const hint = 'give each a name of its own';
      report({
        code: 'duplicate-name',
        message: `Another ${what} is named ${show(name)} already`,
        path,
        hint,
      });
    }
    seen.add(name);
  }
}

function checkReserved(name: string, path: Path, report: Report): void {
  const owner = NAME.test(name) ? reservedBy(name) : undefined;
  if (owner === undefined) return;
  const hint = `e.g. \`${name}_phase\``.replace('_phase', path.includes('tasks') ? '_task' : '_phase');
  report({
    code: 'reserved-name',
    message: `\`${name}\` is a word of ${owner} and cannot be a name`,
    path,
    hint,
  });
}
