/** Expressions and templates parse, cost no more than they may, and read only what exists where they stand. */
import { parseExpression, parseTemplate } from '../expression/index.js';
import type { ExpressionProblem } from '../expression/index.js';
import { checkConstant } from './check-constant.js';
import { checkReferences } from './check-references.js';
import { findSites, type Site } from './expression-sites.js';
import type { Report } from './finding.js';
import { DEFINITION_LIMITS } from './limits.js';
import type { Outline } from './outline.js';
import { rootsOf } from './scope-names.js';

const SECRET = '${secret:';

export function checkExpressions(outline: Outline, report: Report): void {
  let expressions = 0;
  for (const site of findSites(outline)) {
    expressions += site.form === 'expression' ? 1 : site.source.split('${').length - 1;
    if (expressions > DEFINITION_LIMITS.maxExpressions) {
      const message = `The document has more than ${DEFINITION_LIMITS.maxExpressions} expressions`;
      report({ code: 'too-many-values', message, path: site.path });
      return;
    }
    if (site.form === 'expression') checkExpression(site, outline, report);
    else checkTemplate(site, outline, report);
  }
}

function checkExpression(site: Site, outline: Outline, report: Report): void {
  if (site.source.includes(SECRET)) {
    reportSecret(site, report);
    return;
  }
  const parsed = parseExpression(site.source);
  for (const problem of parsed.problems) reportProblem(problem, site, report);
  if (parsed.problems.length > 0) return;
  checkReferences({ parsed, base: 0, site, outline }, report);
  if (parsed.roots.size === 0) checkConstant(site, report);
}

function reportProblem(problem: ExpressionProblem, site: Site, report: Report): void {
  const { message, offset } = problem;
  const hint = problem.hint ?? hintForComma(site, offset) ?? hintForText(site);
  report({
    code: 'expression-syntax',
    message,
    path: site.path,
    offset,
    ...(hint === undefined ? {} : { hint }),
  });
}

/** `{ x: list.map(t, t.name) }`: without quotes the first comma ends the value, and the rest becomes a key. */
function hintForComma({ form, source }: Site, offset: number): string | undefined {
  const endsEarly = offset >= source.trimEnd().length && source.split('(').length > source.split(')').length;
  const isCut = form === 'expression' && endsEarly && !source.includes(',');
  return isCut
    ? "quote this expression: '…'; in `{ }` and `[ ]` a comma ends a text without quotes"
    : undefined;
}

/** In `outputs` and `result` people write the text that they want, where an expression is expected. */
function hintForText({ isValue, source }: Site): string | undefined {
  const isPlain = isValue && /^[\p{L}\d][\p{L}\d\s_.,!?-]*$/u.test(source) && source.length <= 60;
  return isPlain ? `a text stands in quotes of its own: '"${source}"'` : undefined;
}

function checkTemplate(site: Site, outline: Outline, report: Report): void {
  const { parts, problems, secrets } = parseTemplate(site.source);
  for (const problem of problems) reportProblem(problem, site, report);
  if (secrets.length > 0 && !site.allowsSecrets) reportSecret(site, report);
  if (site.isAlone && site.source.includes('${') && (parts.length !== 1 || typeof parts[0] === 'string')) {
    const hint = 'one `${…}` holds the whole expression, as in `${variables.n + 1}`';
    report({ code: 'wrong-type', message: 'Expected a number or one `${…}` alone', path: site.path, hint });
  }
  for (const part of parts) {
    if (typeof part === 'string' || part.problems.length > 0) continue;
    checkReferences({ parsed: part, base: part.start + 2, site, outline }, report);
  }
  if (site.isData) warnOfPath(site, report);
}

function reportSecret({ source, path }: Site, report: Report): void {
  const message = '`${secret:NAME}` stands in the url, the headers and the body of an HTTP executor only';
  const hint = 'let the activity or the program read its secrets itself';
  report({ code: 'misplaced-secret', message, path, offset: source.indexOf(SECRET), hint });
}

const PATH = /^([a-z]+)(?:\.\??[A-Za-z_]\w*|\[[^\]]*\])+$/;

/** `plan: variables.plan`: a text that would be passed on as it stands. */
function warnOfPath({ source, path, scope }: Site, report: Report): void {
  if (source.length > 200) return;
  const root = PATH.exec(source)?.[1];
  const isPath = root !== undefined && rootsOf(scope).includes(root);
  const isElement = scope.hasItem === true && (source === 'item' || source === 'index');
  if (!isPath && !isElement) return;
  const message = `This is the text ${JSON.stringify(source)}, not what it names`;
  report({ code: 'looks-like-expression', message, path, hint: `write \`\${${source}}\`` });
}
