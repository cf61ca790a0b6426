import { describe, expect, it } from 'vitest';
import { EngineRefused, parseReadyLine } from '../../../../examples/repository-audit/demo/ready-line.js';

describe('parseReadyLine', () => {
  it('takes the line that `chatflow up --json` prints once it is ready', () => {
    const ready = { temporal_address: 'h:1', namespace: 'default', temporal_ui_url: null };
    expect(parseReadyLine(JSON.stringify({ ...ready, data_dir: '/d' }))).toEqual(ready);
  });

  it('takes an error for what it is, and never for readiness', () => {
    const line = JSON.stringify({ error: { type: 'DataDirectoryInUseError', message: 'in use by 7' } });
    expect(() => parseReadyLine(line)).toThrow(new EngineRefused('DataDirectoryInUseError', 'in use by 7'));
  });

  it.each([['no JSON'], ['null'], ['{}'], ['{"temporal_address": 7}']])('refuses %s', (line) => {
    expect(() => parseReadyLine(line)).toThrow('neither');
  });
});
