/** The definitions that the bench runs, as a user writes them. */

/** The five phases of `bench/bare/workflow.ts`. */
export const FIVE_PHASES = `
name: bench-feature
version: "1.0"
phases:
  - name: analysis
    task: "Analyse: \${variables.request}"
  - name: design
    task: Design the change
  - name: implementation
    task: Write the change
  - name: review
    task: Review the change
    next:
      - { when: 'trigger.?decision.orValue("") == "rework"', goto: implementation }
      - { goto: release }
  - name: release
    task: Release the change
`;

/** Many small tasks in one phase. */
export const MANY_TASKS = `
name: bench-many-tasks
version: "1.0"
phases:
  - name: work
    foreach: variables.items
    max_parallel: 500
    task: "Do \${item}"
`;
