// Generates what follows from libs/contracts: the OpenAPI document and the typed client, the AsyncAPI document of facts, and the
// document of metrics; and the dashboards from tools/dashboards. Without --write, fails if one of them is out of date.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { asyncApiDocument, metricsDocument, openApiDocument } from '@sluice/contracts';
import openapiTS, { astToString } from 'openapi-typescript';
import { collectDefaultMetrics, Registry } from 'prom-client';
import { format } from 'prettier';
import { DASHBOARDS } from './dashboards/dashboards.mjs';

const document = openApiDocument();
const types = `// Made by \`npm run openapi\` from the operations in libs/contracts. Do not edit.\n${astToString(await openapiTS(JSON.stringify(document), { defaultNonNullable: false }))}`;
const ofNode = new Registry();
collectDefaultMetrics({ register: ofNode });
const files = {
  'libs/sdk/openapi.json': `${JSON.stringify(document, null, 2)}\n`,
  'libs/sdk/src/api.gen.ts': types,
  'docs/asyncapi.json': `${JSON.stringify(asyncApiDocument(), null, 2)}\n`,
  'docs/metrics.md': metricsDocument(ofNode.getMetricsAsArray()),
};
for (const [name, dashboard] of Object.entries(DASHBOARDS))
  files[`deploy/helm/sluice/files/dashboards/${name}.json`] = await format(JSON.stringify(dashboard), {
    parser: 'json',
    printWidth: 130,
  });
let stale = 0;
for (const [file, text] of Object.entries(files)) {
  if (process.argv.includes('--write')) writeFileSync(file, text);
  else if (!existsSync(file) || readFileSync(file, 'utf8') !== text) {
    console.error(`${file} is out of date: run \`npm run openapi\``);
    stale++;
  }
}
process.exit(stale === 0 ? 0 : 1); // the library that measures the event loop would keep this process running
