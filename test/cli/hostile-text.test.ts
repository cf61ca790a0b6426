/** Text of users, agents and files must not steer the terminal of who reads it. */
import { describe, expect, test } from 'vitest';
import { ChatFlowError } from '../../src/core/errors.js';
import type { HistoryEvent, WorkflowState } from '../../src/core/shapes.js';
import { Output } from '../../src/surfaces/cli/output.js';
import { renderEvent, renderState, renderWaiting } from '../../src/surfaces/cli/render.js';
import { reportError, reportUsage } from '../../src/surfaces/cli/report-error.js';
import { showControls } from '../../src/surfaces/cli/show-controls.js';
import { renderReport } from '../../examples/repository-audit/audit/render-report.js';
import { fakeIo } from './fake-io.js';

/** Red, a title, a clickable link, a bell, a return to the line's start, the same by C1, and a turned direction. */
const HOSTILE =
  '\x1b[31m\x1b]0;title\x07\x1b]8;;http://x\x1b\\ \r \x9b31m \x7f \u202eevil\u202c \u2066x\u2069';
const OBEYED = /[\0-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/;

const state = {
  instance_id: 'wfi_0123456789ab',
  status: 'failed',
  feature_id: HOSTILE,
  workflow_name: HOSTILE,
  usage: { tokens: 1, cost_usd: 0, elapsed_sec: 0 },
  failure: { type: HOSTILE, message: HOSTILE },
  variables: { [HOSTILE]: [HOSTILE] },
  tasks: [{ task_id: 'a#1/a', kind: 'agent', status: 'open', text: HOSTILE, claimed_by: HOSTILE }],
} as unknown as WorkflowState;

const event = {
  seq: 1,
  timestamp: '2026-01-01T00:00:00.000Z',
  event_type: 'x',
  phase: HOSTILE,
  task: null,
  data: { [HOSTILE]: HOSTILE },
} as unknown as HistoryEvent;

test('a text shows by number what would be obeyed, and keeps its lines', () => {
  expect(showControls('a\x1b[2J\r\n\tb\u202e\x9b\r')).toBe('a\\u001b[2J\n\tb\\u202e\\u009b\\u000d');
});

describe('on a terminal nothing of it is obeyed, and our own colours stay,', () => {
  test('in the whole state, in the tasks and in the audit stream', () => {
    const io = fakeIo({ isTTY: true });
    const out = new Output(io, false);
    const { instance_id, feature_id, workflow_name } = state;
    const waiting = state.tasks.map((task) => ({ instance_id, feature_id, workflow_name, task }));
    out.result(state, (shown) => renderState(shown, out.colours));
    out.result(waiting, renderWaiting);
    out.item(event, (shown) => renderEvent(shown, out.colours));
    expect(io.out()).toContain('\x1b[31mfailed\x1b[39m');
    expect(io.out().replace(/\x1b\[(31|36|39|2|22)m/g, '')).not.toMatch(OBEYED);
    expect(io.out()).toContain('\\u001b]0;title\\u0007');
    expect(io.out()).not.toContain('\x1b[31m\\u001b');
  });

  test('in what is said about the data', () => {
    const io = fakeIo();
    new Output(io, false).note(HOSTILE);
    expect(io.err()).not.toMatch(OBEYED);
  });

  test.each([true, false])('in errors (--json: %s)', (json) => {
    const io = fakeIo({ env: { CHATFLOW_DEBUG: '1' } });
    const problem = { code: 'x', severity: 'error', message: HOSTILE, path: 'a', line: 1, column: 1 };
    const details = { problems: [{ ...problem, frame: HOSTILE, file: HOSTILE }] };
    reportError(io, new ChatFlowError('SchemaValidationError', HOSTILE, details), json);
    reportUsage(io, { code: 'x', message: HOSTILE }, json);
    expect(io.err()).not.toMatch(OBEYED);
  });
});

test('a cell of a table stays on its line, a field does not begin another one', () => {
  const io = fakeIo();
  const out = new Output(io, false);
  const forged = { ...state, feature_id: 'F\nstatus       completed', tasks: [] };
  out.result(forged, (shown) => renderState(shown, out.colours));
  expect(io.out()).not.toMatch(/^status +completed/m);
  const task = { task_id: 'a#1/a', text: 'one\r\ntwo' } as WorkflowState['tasks'][number];
  const rows = renderWaiting([{ instance_id: 'x', feature_id: 'a\nb\tc', workflow_name: 'y', task }]);
  expect(rows).toHaveLength(2);
  expect(rows[1]).not.toMatch(/[\n\t]/);
});

test("in the demo's report", () => {
  const finding = { path: HOSTILE, line: 1, weight: 1, what: `TODO: ${HOSTILE}` };
  const report = renderReport({
    instanceId: 'wfi_0123456789ab',
    writtenAt: '2026-01-01T00:00:00.000Z',
    manifest: { path: HOSTILE, files: [], closedFolders: [HOSTILE] } as never,
    reviews: [],
    results: [{ analysis: 'todos', findings: [finding], unreadable: [] }] as never,
  });
  expect(report).not.toMatch(OBEYED);
});
