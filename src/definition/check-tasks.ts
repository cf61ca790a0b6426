/** What one task says of itself: decisions, executors, waits. */
import type { Json, JsonObject } from '../json/json.js';
import type { Path, Report } from './finding.js';
import { show } from './finding.js';
import { listOf, mapOf, textOf, type Outline, type TaskOutline } from './outline.js';

export function checkTasks(outline: Outline, report: Report): void {
  for (const { tasks } of outline.phases) {
    for (const task of tasks) {
      checkDecisions(task, report);
      for (const key of ['executor', 'compensate'] as const) {
        checkExecutor(mapOf(task.raw[key]), [...task.path, key], report);
      }
      checkUntil(mapOf(task.raw['wait'])['until'], [...task.path, 'wait', 'until'], report);
    }
  }
}

const DEFAULT_DECISIONS = ['approve', 'reject'];

function checkDecisions({ raw, path, kind }: TaskOutline, report: Report): void {
  if (kind !== 'approval') return;
  const given = listOf(raw['decisions']).filter((decision) => typeof decision === 'string');
  given.forEach((decision, index) => {
    if (given.indexOf(decision) === index) return;
    const message = `The decision ${show(decision)} stands twice`;
    report({ code: 'duplicate-name', message, path: [...path, 'decisions', index] });
  });
  const decisions = raw['decisions'] === undefined ? DEFAULT_DECISIONS : [...new Set(given)];
  const auto = textOf(raw['auto']);
  if (auto === undefined || decisions.includes(auto)) return;
  const message = `${show(auto)} is none of the decisions ${decisions.join(', ')}`;
  report({
    code: 'wrong-value',
    message,
    path: [...path, 'auto'],
    nearest: { given: auto, names: decisions },
  });
}

function checkExecutor(executor: JsonObject, path: Path, report: Report): void {
  checkActivity(executor['activity'], [...path, 'activity'], report);
  checkPlain(executor['activity'], [...path, 'activity'], report);
  checkPlain(executor['task_queue'], [...path, 'task_queue'], report);
  checkTaskQueue(textOf(executor['task_queue']), [...path, 'task_queue'], report);
  checkUrl(mapOf(executor['http']), [...path, 'http'], report);
  checkCommand(listOf(executor['command']), [...path, 'command'], report);
  checkFolder(textOf(executor['cwd']), [...path, 'cwd'], report);
  checkVariableNames(mapOf(executor['env']), [...path, 'env'], report);
}

function checkActivity(value: Json | undefined, path: Path, report: Report): void {
  if (typeof value !== 'string' || !value.startsWith('chatflow.')) return;
  const message = "Names that begin with `chatflow.` are the engine's own activities";
  report({ code: 'reserved-name', message, path, hint: 'name an activity of your own worker' });
}

/** Temporal refuses such a queue each time that the task is to start, for ever. */
function checkTaskQueue(queue: string | undefined, path: Path, report: Report): void {
  if (queue === undefined || queue === '') return;
  const hint = 'name the task queue of your own worker';
  if (queue.trim() === '') {
    report({ code: 'wrong-value', message: 'The name of the task queue is blank', path, hint });
  } else if (queue.startsWith('/_sys/')) {
    const message = "Task queues that begin with `/_sys/` are Temporal's own";
    report({ code: 'reserved-name', message, path, hint });
  } else if (/[\p{Cc}\p{Cs}]/u.test(queue)) {
    const message = 'The name of a task queue has no control characters, and no half characters';
    report({ code: 'wrong-value', message, path, hint });
  }
}

/** Names that Temporal routes by are fixed before the run. */
function checkPlain(value: Json | undefined, path: Path, report: Report): void {
  if (typeof value !== 'string' || !value.includes('${')) return;
  report({ code: 'wrong-value', message: 'This name cannot hold `${…}`: it is fixed before the run', path });
}

function checkUrl({ url, method, body }: JsonObject, path: Path, report: Report): void {
  if (body !== undefined && (method === 'GET' || method === 'HEAD')) {
    const message = `A ${method} request has no body`;
    report({
      code: 'misplaced-key',
      message,
      path: [...path, 'body'],
      at: 'key',
      hint: 'use POST, or remove it',
    });
  }
  if (typeof url !== 'string' || url.startsWith('${') || /^https?:\/\/[^/?#]/i.test(url)) return;
  const hint = 'e.g. https://api.example.com/items/${item}';
  report({
    code: 'wrong-value',
    message: `${show(url)} is no http or https address`,
    path: [...path, 'url'],
    hint,
  });
}

function checkCommand(command: readonly Json[], path: Path, report: Report): void {
  const [program] = command;
  if (typeof program !== 'string') return;
  if (program.trim() === '') {
    report({ code: 'wrong-value', message: 'The name of the program is empty', path: [...path, 0] });
  } else if (command.length === 1 && /\s/.test(program) && !program.includes('${')) {
    const words = program.trim().split(/\s+/).slice(0, 6);
    const message = 'There is no shell: this is read as the name of one program, blanks included';
    report({ code: 'wrong-value', message, path: [...path, 0], hint: `write [${words.join(', ')}]` });
  }
}

function checkFolder(folder: string | undefined, path: Path, report: Report): void {
  if (folder === undefined) return;
  const isOutside = /^([/\\]|[A-Za-z]:)/.test(folder) || folder.split(/[/\\]/).includes('..');
  if (!isOutside) return;
  const message = `${show(folder)} leaves the worker's root`;
  report({ code: 'wrong-value', message, path, hint: 'give a folder relative to it, without ..' });
}

function checkVariableNames(env: JsonObject, path: Path, report: Report): void {
  for (const name of Object.keys(env)) {
    if (/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) continue;
    const message = `${show(name)} is no name of an environment variable`;
    report({ code: 'bad-name', message, path: [...path, name], at: 'key' });
  }
}

/** A date as it stands would be read as an expression, and as arithmetic at that. */
function checkUntil(value: Json | undefined, path: Path, report: Report): void {
  if (typeof value !== 'string' || !/^\d{4}-\d\d-\d\d([T ].*)?$/.test(value.trim())) return;
  const hint = `write 'timestamp("${value.trim().slice(0, 30)}")', with a time and a zone such as T12:00:00Z`;
  report({ code: 'wrong-value', message: '`until` is an expression that gives a time', path, hint });
}
