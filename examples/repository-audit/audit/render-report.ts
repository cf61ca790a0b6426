import type { AnalysisResult, Finding, Manifest, Review } from './audit-file.js';
import { collectFailedFolders } from './failed-folders.js';
import { ANALYSES, collectFindings, collectUnread } from './review-coverage.js';

/** Findings listed in each section; the section says how many there are in all. */
const LISTED = 25;
const LARGEST = 10;

const SECTIONS: Readonly<Record<string, { readonly title: string; readonly why: string }>> = {
  sizes: { title: 'Long files', why: 'A file that is read as a whole is understood as a whole.' },
  long_functions: { title: 'Long functions', why: 'A function inside another counts in both.' },
  repeated_blocks: {
    title: 'Repeated blocks',
    why: 'Lines of code without comments and imports; each repeat stands at its later place.',
  },
  missing_tests: {
    title: 'Source files without a test near them',
    why: 'No test imports them, bears their name, or imports a file that imports them.',
  },
  todos: { title: 'Left to do', why: 'FIXME, XXX, HACK and TODO, the gravest first.' },
};

export interface ReportInput {
  readonly instanceId: string;
  /** ISO-8601. */
  readonly writtenAt: string;
  readonly manifest: Manifest;
  readonly reviews: readonly Review[];
  readonly results: readonly AnalysisResult[];
}

/** The audit as Markdown. The same input gives the same text. */
export function renderReport(input: ReportInput): string {
  const parts = [renderHead(input), renderSummary(input), renderRounds(input.reviews)];
  const sections = ANALYSES.map((analysis) =>
    renderSection(analysis, collectFindings(input.results, analysis)),
  );
  const rest = [renderLargest(input.manifest), renderFailedFolders(input.reviews), renderUnread(input)];
  const all = [...parts, ...sections, ...rest];
  return showControls(`${all.filter((part) => part !== '').join('\n\n')}\n`);
}

function renderHead({ instanceId, writtenAt, manifest }: ReportInput): string {
  const count = (kind: string): string => String(manifest.files.filter((file) => file.kind === kind).length);
  return [
    '# Repository audit',
    '',
    `- Tree: \`${manifest.path}\``,
    `- Files: ${String(manifest.files.length)} (${count('source')} source, ${count('test')} tests, ${count('other')} others)`,
    `- Written: ${writtenAt} by instance \`${instanceId}\``,
  ].join('\n');
}

function renderSummary({ results, reviews }: ReportInput): string {
  const coverage = reviews.at(-1)?.coverage ?? [];
  const rows = ANALYSES.map((analysis) => {
    const own = coverage.find((entry) => entry.analysis === analysis);
    const read = own === undefined ? '–' : `${String(own.covered)} of ${String(own.due)}`;
    return `| ${SECTIONS[analysis]?.title ?? analysis} | ${String(collectFindings(results, analysis).length)} | ${read} |`;
  });
  return ['## Summary', '', '| analysis | findings | files read |', '|---|---:|---:|', ...rows].join('\n');
}

function renderRounds(reviews: readonly Review[]): string {
  const rows = reviews.map(
    (review) => `| ${String(review.round)} | ${review.verdict} | ${cell(review.reason)} |`,
  );
  return ['## Rounds', '', '| round | the check said | because |', '|---:|---|---|', ...rows].join('\n');
}

function renderSection(analysis: string, findings: readonly Finding[]): string {
  const section = SECTIONS[analysis] ?? { title: analysis, why: '' };
  const head = [`## ${section.title} (${String(findings.length)})`, '', section.why];
  if (findings.length === 0) return [...head, '', 'None.'].join('\n');
  const rows = findings
    .slice(0, LISTED)
    .map((finding) => `| \`${cell(finding.path)}:${String(finding.line)}\` | ${cell(finding.what)} |`);
  const more = findings.length - LISTED;
  const rest = more > 0 ? ['', `… and ${String(more)} more.`] : [];
  return [...head, '', '| where | what |', '|---|---|', ...rows, ...rest].join('\n');
}

function renderLargest({ files }: Manifest): string {
  const largest = files.filter((file) => file.kind !== 'other').sort((a, b) => b.bytes - a.bytes);
  const rows = largest
    .slice(0, LARGEST)
    .map((file) => `| \`${cell(file.path)}\` | ${file.language} | ${String(file.bytes)} |`);
  if (rows.length === 0) return '';
  return ['## Largest files of code', '', '| file | language | bytes |', '|---|---|---:|', ...rows].join(
    '\n',
  );
}

function renderFailedFolders(reviews: readonly Review[]): string {
  const failed = collectFailedFolders(reviews);
  if (failed.length === 0) return '';
  const rows = failed.map(({ folder, why }) => `- \`${folder}\`: ${why}`);
  return [`## Folders not audited (${String(failed.length)})`, '', ...rows].join('\n');
}

function renderUnread({ manifest, results }: ReportInput): string {
  const files = collectUnread(results).map(({ path, why }) => `- \`${path}\`: ${why}`);
  const folders = manifest.closedFolders.map((path) => `- \`${path}\`: a folder that can't be opened`);
  const all = [...files, ...folders];
  if (all.length === 0) return '';
  const more = all.length - LISTED;
  const rest = more > 0 ? ['', `… and ${String(more)} more.`] : [];
  return [`## Not read (${String(all.length)})`, '', ...all.slice(0, LISTED), ...rest].join('\n');
}

/** What is quoted of the tree must not steer a terminal: control characters, and what turns the direction of writing. */
function showControls(text: string): string {
  const controls = /[\0-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/g;
  return text.replace(controls, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** Text that cannot break a table's cell. */
function cell(text: string): string {
  return text.replace(/\s+/g, ' ').replace(/\\/g, '\\\\').replace(/\|/g, '\\|');
}
