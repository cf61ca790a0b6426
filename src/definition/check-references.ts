/** What an expression reads exists: roots by where it stands, phases, tasks, their fields, and states. */
import type { Comparison, ParsedExpression, Reference } from '../expression/index.js';
import type { Site } from './expression-sites.js';
import type { Finding, Report } from './finding.js';
import { show } from './finding.js';
import type { Outline, TaskOutline } from './outline.js';
import { BOUND_ROOTS, FIELDS, PHASE_STATES, rootsOf, TASK_STATES } from './scope-names.js';

interface Parsed {
  readonly parsed: ParsedExpression;
  /** Where the expression starts in the string of its site. */
  readonly base: number;
  readonly site: Site;
  readonly outline: Outline;
}

export function checkReferences(subject: Parsed, report: Report): void {
  new ReferenceChecker(subject, report).check();
}

/** What a finding says, without its place. */
type Verdict = Pick<Finding, 'code' | 'message' | 'hint' | 'nearest'>;

class ReferenceChecker {
  readonly #parsed: ParsedExpression;
  readonly #base: number;
  readonly #site: Site;
  readonly #outline: Outline;
  readonly #report: Report;
  /** Up to where a name with a `-` has been explained: what it was split into is no error of its own. */
  #explainedTo = -1;

  constructor({ parsed, base, site, outline }: Parsed, report: Report) {
    this.#parsed = parsed;
    this.#base = base;
    this.#site = site;
    this.#outline = outline;
    this.#report = report;
  }

  check(): void {
    const references = [...this.#parsed.references].sort((a, b) => a.offset - b.offset);
    for (const reference of references) {
      if (reference.offset < this.#explainedTo) continue;
      const verdict = this.#judge(reference);
      if (verdict) this.#add(verdict, reference.offset);
    }
    for (const comparison of this.#parsed.comparisons) {
      const verdict = this.#judgeComparison(comparison);
      if (verdict) this.#add(verdict, comparison.offset);
    }
  }

  #add(verdict: Verdict, offset: number): void {
    this.#report({ ...verdict, path: this.#site.path, offset: this.#base + offset });
  }

  #judge(reference: Reference): Verdict | undefined {
    const [root = '', ...rest] = reference.path;
    if (!rootsOf(this.#site.scope).includes(root)) return this.#judgeRoot(root, reference);
    switch (root) {
      case 'phases':
        return this.#judgePhase(rest, reference);
      case 'tasks':
        return this.#judgeTask(rest, this.#visibleTasks(), reference);
      case 'instance':
      case 'usage':
      case 'error':
        return judgeField(root, rest[0], FIELDS[root]);
      default:
        return undefined;
    }
  }

  #judgeRoot(root: string, reference: Reference): Verdict {
    const place = BOUND_ROOTS[root];
    if (place !== undefined && Object.hasOwn(BOUND_ROOTS, root)) {
      return { code: 'unknown-name', message: `\`${root}\` ${place}` };
    }
    const message = `There is no name \`${root}\` here`;
    const hint = this.#hintForRoot(root, reference);
    const nearest = { given: root, names: rootsOf(this.#site.scope) };
    return { code: 'unknown-name', message, nearest, ...(hint === undefined ? {} : { hint }) };
  }

  #hintForRoot(root: string, reference: Reference): string | undefined {
    const { source } = this.#parsed;
    const before = /([A-Za-z_][\w.]*)\.([A-Za-z_]\w*(?:-\w+)*)-$/.exec(
      source.slice(0, reference.offset).slice(-200),
    );
    if (before) return `a name with \`-\` is read as \`${before[1]}["${before[2]}-${root}"]\``;
    if (this.#outline.byName.has(root)) return `a phase is read as \`phases.${root}\``;
    if (this.#visibleTasks().some(({ name }) => name === root)) return `a task is read as \`tasks.${root}\``;
    if (this.#site.isValue && source.trim() === root)
      return `a text stands in quotes of its own: '"${root}"'`;
    return ROOT_SYNONYMS.has(root) ? 'did you mean `variables`?' : this.#hintForVariable(root);
  }

  #hintForVariable(root: string): string | undefined {
    const isNear = rootsOf(this.#site.scope).some((name) => name.startsWith(root.slice(0, 4)));
    return isNear ? undefined : `a variable is read as \`variables.${root}\``;
  }

  /** The tasks that `tasks` means: the phase's, or at the document's level those of any phase. */
  #visibleTasks(): readonly TaskOutline[] {
    const { phase } = this.#site.scope;
    return phase ? phase.tasks : this.#outline.phases.flatMap(({ tasks }) => tasks);
  }

  #judgePhase([name, field, ...rest]: readonly string[], reference: Reference): Verdict | undefined {
    if (name === undefined) return undefined;
    const phase = this.#outline.byName.get(name);
    const { phaseNames } = this.#outline;
    if (!phase)
      return this.#judgeUnknown({ what: 'phase', holder: 'phases', name, names: phaseNames }, reference);
    if (field !== 'tasks') return judgeField('a phase', field, FIELDS.phase);
    return this.#judgeTask(rest, phase.tasks, reference);
  }

  #judgeTask(
    [name, ...rest]: readonly string[],
    tasks: readonly TaskOutline[],
    reference: Reference,
  ): Verdict | undefined {
    if (name === undefined) return undefined;
    const task = tasks.find((candidate) => candidate.name === name);
    const names = tasks.map((candidate) => candidate.name);
    if (!task) return this.#judgeUnknown({ what: 'task', holder: 'tasks', name, names }, reference);
    if (task.raw['foreach'] === undefined) return judgeField('a task', rest[0], FIELDS.task);
    return judgeElement(name, rest);
  }

  /** `phases.my-phase` is a subtraction. */
  #judgeUnknown(unknown: Unknown, reference: Reference): Verdict {
    const { what, holder, name, names } = unknown;
    const code = what === 'phase' ? 'unknown-phase' : 'unknown-task';
    const whole = this.#dashedName(name, names, reference);
    if (whole !== undefined) {
      const message = `\`${holder}.${whole}\` is a subtraction: \`-\` is no part of a name here`;
      return { code: 'unknown-name', message, hint: `write \`${holder}["${whole}"]\`` };
    }
    const where = what === 'task' ? this.#describeTasks() : '';
    return { code, message: `There is no ${what} ${show(name)}${where}`, nearest: { given: name, names } };
  }

  #describeTasks(): string {
    const { phase } = this.#site.scope;
    return phase ? ` in the phase ${phase.name}` : '';
  }

  /** The name that was meant where a part of it was read as a name and the rest as a subtraction. */
  #dashedName(name: string, names: readonly string[], { offset }: Reference): string | undefined {
    const start = this.#parsed.source.indexOf(`.${name}-`, offset);
    const text = start === -1 ? '' : this.#parsed.source.slice(start + 1, start + 66);
    const whole = /^[A-Za-z_][A-Za-z0-9_-]*/.exec(text)?.[0] ?? '';
    const known = names.filter((candidate) => candidate.includes('-') && whole.startsWith(candidate));
    const longest = known.sort((a, b) => b.length - a.length)[0];
    if (longest !== undefined) this.#explainedTo = start + 1 + longest.length;
    return longest;
  }

  #judgeComparison({ path, literal }: Comparison): Verdict | undefined {
    const [root] = path;
    if (root === 'instance' && path[1] === 'current_phase' && path.length === 2) {
      return this.#judgePhaseLiteral(literal);
    }
    if (root === 'phases' && path.length === 3 && path[2] === 'status')
      return judgeStatus(literal, PHASE_STATES);
    const task = root === 'tasks' ? path : root === 'phases' && path[2] === 'tasks' ? path.slice(2) : [];
    const isTask = task.at(-1) === 'status' && (task.length === 3 || task.length === 4);
    return isTask ? judgeStatus(literal, TASK_STATES) : undefined;
  }

  #judgePhaseLiteral(literal: string): Verdict | undefined {
    const { byName, phaseNames } = this.#outline;
    if (byName.has(literal)) return undefined;
    const message = `There is no phase ${show(literal)}`;
    return { code: 'unknown-phase', message, nearest: { given: literal, names: phaseNames } };
  }
}

interface Unknown {
  readonly what: 'phase' | 'task';
  readonly holder: string;
  readonly name: string;
  readonly names: readonly string[];
}

/** What other tools call the variables. */
const ROOT_SYNONYMS = new Set(['vars', 'inputs', 'input', 'context', 'env', 'params', 'data', 'state']);

function judgeField(what: string, field: string | undefined, fields: readonly string[]): Verdict | undefined {
  if (field === undefined || fields.includes(field)) return undefined;
  const message = `${what} has no field \`${show(field).slice(1, -1)}\`; it has ${fields.join(', ')}`;
  return { code: 'unknown-name', message: capitalise(message), nearest: { given: field, names: fields } };
}

/** The tasks of a foreach are a list: an index comes first. */
function judgeElement(name: string, [index, field]: readonly string[]): Verdict | undefined {
  if (index === undefined) return undefined;
  if (/^\d+$/.test(index)) return judgeField('a task', field, FIELDS.task);
  const message = `\`tasks.${name}\` is a list, since it is a foreach`;
  return { code: 'unknown-name', message, hint: `write \`tasks.${name}.map(t, t.${index})\`` };
}

function judgeStatus(literal: string, states: readonly string[]): Verdict | undefined {
  if (states.includes(literal)) return undefined;
  const message = `${show(literal)} is no status; there are ${states.join(', ')}`;
  return { code: 'wrong-status', message, ...nearestState(literal, states) };
}

/** `open` and `running` are one thing, of a task and of a phase. */
function nearestState(literal: string, states: readonly string[]): Pick<Verdict, 'hint' | 'nearest'> {
  const twin = literal === 'open' ? 'running' : literal === 'running' ? 'open' : STATE_SYNONYMS[literal];
  if (twin !== undefined && states.includes(twin)) return { hint: `did you mean \`${twin}\`?` };
  return { nearest: { given: literal, names: states } };
}

const STATE_SYNONYMS: Readonly<Record<string, string>> = {
  done: 'completed',
  success: 'completed',
  succeeded: 'completed',
  error: 'failed',
  timed_out: 'failed',
};

function capitalise(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
