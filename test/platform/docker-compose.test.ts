import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { DEFAULT_RETENTION_SEC, SERVER_DYNAMIC_CONFIG } from '../../src/platform/server-tuning.js';

const service = z.looseObject({
  image: z.string(),
  restart: z.string().optional(),
  command: z.array(z.string()).default([]),
  ports: z.array(z.string()).default([]),
  healthcheck: z.looseObject({ test: z.array(z.string()) }).optional(),
  depends_on: z.record(z.string(), z.looseObject({ condition: z.string() })).default({}),
});
const compose = z
  .looseObject({
    services: z.record(z.string(), service),
    configs: z.looseObject({ 'dynamic-config': z.looseObject({ content: z.string() }) }),
  })
  .parse(
    parse(readFileSync(new URL('../../docker-compose.temporal.yml', import.meta.url), 'utf8'), {
      merge: true,
    }),
  );
const services = Object.entries(compose.services);

describe('docker-compose.temporal.yml', () => {
  it('tunes the server as the embedded one is tuned', () => {
    const content = z
      .record(z.string(), z.tuple([z.strictObject({ value: z.union([z.string(), z.number()]) })]))
      .parse(parse(compose.configs['dynamic-config'].content));
    const values = Object.fromEntries(Object.entries(content).map(([key, [{ value }]]) => [key, value]));
    expect(values).toEqual(SERVER_DYNAMIC_CONFIG);
  });

  it('keeps closed instances as long as the embedded server', () => {
    const days = DEFAULT_RETENTION_SEC / 86_400;
    expect(compose.services['namespace']?.command.join('')).toContain(`--retention ${days}d`);
  });

  it('pins every image to a full version', () => {
    for (const [name, { image }] of services) expect(image, name).toMatch(/:\d+\.\d+(\.\d+)?(-[a-z]+)?$/);
  });

  it('runs server and schema tools of one release', () => {
    const versions = services.flatMap(
      ([, { image }]) => /^temporalio\/(?:server|admin-tools):(.*)/.exec(image)?.[1] ?? [],
    );
    expect(new Set(versions).size).toBe(1);
    expect(versions).toHaveLength(3);
  });

  it('opens ports to this machine only', () => {
    const ports = services.flatMap(([, one]) => one.ports);
    expect(ports).toHaveLength(2);
    for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:/);
  });

  it('checks the health of every service that stays up', () => {
    const lasting = services.filter(([, one]) => one.restart === 'unless-stopped').map(([name]) => name);
    expect(lasting.sort()).toEqual(['postgresql', 'temporal', 'ui']);
    for (const name of lasting) expect(compose.services[name]?.healthcheck, name).toBeDefined();
  });

  it('waits for services that exist, and for health only where it is checked', () => {
    for (const [, { depends_on }] of services) {
      for (const [other, { condition }] of Object.entries(depends_on)) {
        expect(compose.services[other], other).toBeDefined();
        if (condition === 'service_healthy')
          expect(compose.services[other]?.healthcheck, other).toBeDefined();
      }
    }
  });
});
