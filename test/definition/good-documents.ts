import { readFileSync } from 'node:fs';

/** Documents without errors, with the warnings that they have. */
export interface GoodDocument {
  readonly name: string;
  readonly text: string;
  readonly warnings?: readonly string[];
}

const HEAD = 'name: t\nversion: "1"\nphases:\n';

/** The language on one page: every construct once. Kept as a file, since it is the documentation's first example. */
export const FULL_EXAMPLE = readFileSync(new URL('full-example.yaml', import.meta.url), 'utf8');

export const GOOD_DOCUMENTS: readonly GoodDocument[] = [
  { name: 'the whole language', text: FULL_EXAMPLE },
  {
    name: "the first version's example, with a version",
    text: '{"name":"code_generation","version":"1.0","phases":[{"name":"requirement_analysis"},{"name":"design"},{"name":"implementation"}]}',
  },
  {
    name: "the second version's example",
    text: `{
\t"name": "major-refactor",
\t"version": "1.0",
\t"max_recursion_depth": 4,
\t"default_resource_quota": { "max_tokens": 100000, "max_duration_sec": 7200 },
\t"phases": [{ "name": "a", "task": "x", "condition": "true", "fallback_phase": "a", "execution_strategy": "sequential" }]
}`,
  },
  {
    name: 'a phase that only sets variables',
    text: `${HEAD}  - { name: a, tasks: [], outputs: { x: "1" } }\n`,
  },
  {
    name: 'expressions with and without ${…}, and literals',
    text: `${HEAD}  - name: a
    condition: \${variables.x == "}"}
    outputs: { a: variables.x, b: "\${variables.y}", c: 3, d: [variables.x, 4, { e: 'true ? "a" : "b"' }], f: null }
    next: [{ when: false, goto: a }, { when: true, goto: end }]
`,
  },
  {
    name: 'optionals, macros and roots that all see',
    text: `${HEAD}  - name: a
    condition: >-
      variables.?x.orValue("") == "" || has(trigger.decision) || size(meta) > 0 || usage.tokens > 1.5 ||
      children.exists(c, c.status == "completed") || messages.size() > 0 || instance.depth < 2 ||
      phases["a"].visits < 3 || phases.a.tasks.a.status in ["open", "completed"] || tasks.a.error != null
`,
  },
  {
    name: 'a name with a dash, read as a key',
    text: `${HEAD}  - name: my-phase\n    condition: phases["my-phase"].visits < 2 && tasks["my-phase"].status == "pending"\n`,
  },
  {
    name: 'error in a phase that a failure leads to, from anywhere',
    text: `name: t
version: "1"
on_failure: [{ errors: ["Http*"], goto: by_document, outputs: { why: error.message } }, { goto: fail, error: Gone, reason: "\${error.type}" }]
phases:
  - name: a
    tasks:
      - { task: x, on_failure: [{ errors: [TimeoutError], goto: by_task }, { goto: continue }] }
    on_failure: by_phase
    on_timeout: by_timeout
    next: end
  - { name: by_document, task: "\${error.message}", next: end }
  - { name: by_task, task: "\${error.task}", next: end }
  - { name: by_phase, condition: error.type == "X", outputs: { a: error.details }, next: [{ when: error.type == "Y", goto: a }, { goto: end }] }
  - { name: by_timeout, task: "\${error.message}" }
`,
  },
  {
    name: 'every way to reach a phase',
    text: `name: t
version: "1"
finally: last
phases:
  - { name: a, condition: variables.x, fallback_phase: b, next: c }
  - { name: b, max_visits: 2, on_max_visits: d, next: end }
  - { name: c, on_timeout: e, timeout_sec: 5, task: x, next: end }
  - { name: d, next: [{ when: variables.y, goto: end }, { when: variables.z, goto: end }] }
  - { name: last, task: x }
  - { name: f, next: end }
  - { name: e, next: end }
`,
    warnings: ['8:57 next-may-fall-through phases[3].next[1] (end the list with an entry without `when`)'],
  },
  {
    name: 'tasks of a parallel phase that wait for each other',
    text: `${HEAD}  - name: a
    execution_strategy: parallel
    tasks:
      - { name: w, task: t }
      - { name: x, task: t, after: [w] }
      - { name: y, task: t, after: [w, x] }
      - { task: t, after: [y] }
    join: 4
    require: all
`,
  },
  {
    name: 'a foreach over elements, with item and index wherever its tasks are rendered',
    text: `${HEAD}  - name: a
    tasks:
      - name: x
        executor: { http: { url: "https://e.com/\${item}", headers: { authorization: "Bearer \${secret:T}" }, body: { i: "\${index}" } } }
        foreach: variables.l
        max_parallel: 500
        join: 2
        require: 1
        timeout_sec: \${item.timeout}
        outputs: { last: result.body, i: item }
        on_failure: [{ goto: continue, outputs: { bad: item } }]
        compensate: { activity: undo, input: { o: "\${output}", e: "\${error.message}", i: "\${item}" } }
  - name: b
    executor: { command: [echo, "\${item}"], cwd: "sub/\${item}", env: { A_B: "\${index}" }, stdin: x }
    foreach: [1, 2, "\${variables.x}"]
    join: any
    outputs: { all: "tasks.b.map(t, t.output)", first: "tasks.b[0].output" }
`,
  },
  {
    name: 'a concurrent phase that is left at once',
    text: `${HEAD}  - name: a
    execution_strategy: concurrent
    join: 0
    tasks:
      - { task: x, on_failure: continue, outputs: { a: result.x } }
      - { task: y, on_failure: fail, cancels: [b, b/b, a/task_1] }
  - name: b
`,
  },
  {
    name: 'approvals and waits',
    text: `${HEAD}  - { name: a, approval: Ship?, decisions: [ship, hold], auto: hold, automation: 90, early: keep, expects: { type: object } }
  - { name: b, wait: { for_sec: 5 } }
  - { name: c, wait: { for_sec: "\${variables.s}" } }
  - { name: d, wait: { until: 'timestamp(variables.t)' } }
  - { name: e, wait: { when: variables.ready } }
`,
  },
  {
    name: 'numbers by templates, wherever one is due once there are variables',
    text: `${HEAD}  - name: a
    executor: { activity: x }
    foreach: variables.l
    max_parallel: "\${variables.width}"
    join: "\${variables.enough ? 'any' : 'all'}"
    require: "\${phases.a.visits + 1}"
    max_visits: "\${variables.visits}"
    automation: "\${item.level}"
    timeout_sec: "\${item.timeout}"
    heartbeat_sec: "\${item.timeout / 10}"
    retry: { max_attempts: "\${index + 1}", initial_interval_sec: "\${item.wait}", backoff: "\${variables.b}", max_interval_sec: "\${variables.m}" }
  - name: b
    execution_strategy: parallel
    join: "\${size(variables.l)}"
    require: "\${variables.n}"
    tasks:
      - { task: x, foreach: variables.l, max_parallel: "\${variables.w}", join: "\${variables.j}", require: "\${variables.r}" }
      - { subworkflow: c, resource_quota: { max_tokens: "\${variables.t}", max_cost_usd: "\${usage.cost_usd / 2.0}" } }
`,
  },
  {
    name: 'a subworkflow that stands in the document, and one by a template',
    text: `${HEAD}  - name: a
    subworkflow:
      name: inner
      version: "1"
      input: { type: object, properties: { n: { type: integer, default: 3 } } }
      phases: [{ name: x, task: "\${variables.n} \${phases.x.visits}" }]
    context: { n: "\${phases.a.visits}" }
    inherit: [n]
    resource_quota: { max_cost_usd: 0.5 }
  - { name: b, subworkflow: "\${variables.kind}-migration", context: "\${variables.ctx}" }
`,
  },
  {
    name: 'an input schema with a pattern, references and combinations',
    text: `name: t
$schema: ./chatflow.schema.json
version: "1"
input:
  $schema: https://json-schema.org/draft/2020-12/schema
  type: object
  required: [key]
  properties:
    key: { type: string, pattern: "^[A-Z]{2,10}-\\\\d+$", examples: [AB-1] }
    mail: { type: [string, "null"], format: email }
    tree: { $ref: "#/$defs/node" }
  additionalProperties: false
  $defs:
    node: { type: object, properties: { children: { type: array, items: { $ref: "#/$defs/node" } } } }
phases: [{ name: a }]
`,
  },
  {
    name: 'anchors and aliases',
    text: `${HEAD}  - { name: a, task: x, retry: &r { max_attempts: 3 } }\n  - { name: b, task: x, retry: *r }\n`,
  },
  {
    name: 'texts with brackets, quotes and dollars',
    text: `${HEAD}  - name: a
    task: |
      Costs $5 and $$\{x} ${'['.repeat(200)} "quoted" 'too'
      - [ ] a list: with {braces
`,
  },
  {
    name: 'a text that looks like a path gets a warning',
    text: `${HEAD}  - { name: a, task: variables.plan, context: { plan: variables.plan, ok: "variables.plan!", also: trigger } }\n`,
    warnings: ['4:55 looks-like-expression phases[0].context.plan (write `${variables.plan}`)'],
  },
];
