/** The JSON Schema for editors is generated: fails where the committed file differs from what the code makes today. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const file = 'schema/chatflow.schema.json';
const made = execFileSync(process.execPath, ['bin/chatflow.js', 'schema'], { encoding: 'utf8' });
if (made !== readFileSync(file, 'utf8')) {
  console.error(`${file} is out of date: run \`npm run schema\` and commit it`);
  process.exit(1);
}
