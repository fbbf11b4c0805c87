import { describe, expect, it } from 'vitest';
import { ConfigError } from '../read-environment.js';
import { readTraceSettings } from './trace-settings.js';

const ENDPOINT = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318' };

describe('traces', () => {
  it('are off without an endpoint, whatever else is set', () => {
    expect(readTraceSettings('relay', { OTEL_TRACES_SAMPLER: 'always_on', OTEL_SERVICE_NAME: 'x' })).toBeUndefined();
    expect(readTraceSettings('relay', { OTEL_EXPORTER_OTLP_ENDPOINT: '' })).toBeUndefined();
    expect(readTraceSettings('relay', { ...ENDPOINT, OTEL_SDK_DISABLED: 'TRUE' })).toBeUndefined();
    expect(readTraceSettings('relay', { ...ENDPOINT, OTEL_TRACES_EXPORTER: 'none' })).toBeUndefined();
  });

  it('are on with either endpoint, named after the service', () => {
    expect(readTraceSettings('relay', ENDPOINT)).toMatchObject({
      serviceName: 'sluice-relay',
      sampler: 'parentbased_always_on',
      tracesPerSecond: 100,
    });
    expect(readTraceSettings('relay', { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'https://c.example/v1/traces' })).toBeDefined();
    expect(readTraceSettings('relay', { ...ENDPOINT, OTEL_SERVICE_NAME: 'mine' })?.serviceName).toBe('mine');
  });

  it.each([
    ['OTEL_EXPORTER_OTLP_PROTOCOL', 'grpc'],
    ['OTEL_EXPORTER_OTLP_TRACES_PROTOCOL', 'http/protobuf'],
    ['OTEL_TRACES_SAMPLER', 'sometimes'],
    ['OTEL_TRACES_SAMPLER_ARG', '1.5'],
    ['OTEL_TRACES_EXPORTER', 'zipkin'],
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'collector:4317'],
    ['SLUICE_TRACES_PER_SECOND', '0'],
  ])('are not started with %s=%s', (name, value) => {
    const read = () => readTraceSettings('relay', { ...ENDPOINT, [name]: value });
    expect(read).toThrow(ConfigError);
    expect(read).toThrow(name);
  });
});
