import type { Span } from '@opentelemetry/api';
import type { SluiceClient } from '@sluice/sdk';
import { noteFailure, startSpan, traceparentOf } from '@sluice/traces';

/** Makes each call of a client to the API a span, in whose trace the gateway continues. The span has the path of the operation, not that of the request. */
export function traceCalls(client: SluiceClient): SluiceClient {
  const spans = new Map<string, Span>();
  const end = (id: string): void => {
    spans.get(id)?.end();
    spans.delete(id);
  };
  client.use({
    onRequest: ({ request, schemaPath, id }) => {
      const attributes = { 'http.request.method': request.method, 'url.template': schemaPath };
      const span = startSpan(`${request.method} ${schemaPath}`, { kind: 'client', attributes });
      const traceparent = traceparentOf(span);
      if (traceparent === undefined) return;
      request.headers.set('traceparent', traceparent);
      spans.set(id, span);
    },
    onResponse: ({ response, id }) => {
      const span = spans.get(id)?.setAttribute('http.response.status_code', response.status);
      if (span && response.status >= 400) noteFailure(span, String(response.status), true);
      end(id);
    },
    onError: ({ id }) => {
      const span = spans.get(id);
      if (span) noteFailure(span, 'no_answer', true);
      end(id);
    },
  });
  return client;
}
