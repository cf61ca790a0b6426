import { describe, expect, it } from 'vitest';
import { createLogger, silentLogger, type LoggerOptions } from '../../src/platform/logging.js';

function capture(options: LoggerOptions = {}, isTTY = false) {
  const lines: string[] = [];
  const stream = { write: (text: string) => lines.push(text), isTTY };
  return { lines, log: createLogger({ ...options, stream }) };
}

describe('the logger', () => {
  it('writes one plain line a record, with its facts', () => {
    const { lines, log } = capture();
    log.info('server ready', { port: 7233, host: 'a b' });
    log.warn('slow');
    expect(lines).toEqual(['server ready port=7233 host="a b"\n', 'warning slow\n']);
  });

  it('writes one JSON object a line', () => {
    const { lines, log } = capture({ format: 'json' });
    log.error('two\nlines', { error: new Error('boom'), size: 3n });
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/^[^\n]*\n$/);
    expect(JSON.parse(lines[0]!)).toMatchObject({
      level: 'error',
      message: 'two\nlines',
      error: { name: 'Error', message: 'boom' },
      size: '3',
    });
    expect(Date.parse((JSON.parse(lines[0]!) as { time: string }).time)).not.toBeNaN();
  });

  it('drops what is below its level', () => {
    const { lines, log } = capture({ level: 'warn' });
    log.debug('a');
    log.info('b');
    log.warn('c');
    log.error('d');
    expect(lines.join('')).toBe('warning c\nerror d\n');
  });

  it('uses colours on a terminal only', () => {
    const terminal = capture({}, true);
    terminal.log.error('broken');
    expect(terminal.lines[0]).toContain('\u001b[31m');
    const pipe = capture({}, false);
    pipe.log.error('broken');
    expect(pipe.lines[0]).toBe('error broken\n');
  });

  it('may be silent', () => {
    expect(() => silentLogger.error('nobody hears it', { a: 1 })).not.toThrow();
  });
});
