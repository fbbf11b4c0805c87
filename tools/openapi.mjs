// Generates the OpenAPI document and the typed client from the operations, and the AsyncAPI document of facts; without --write, fails if they are out of date.
import { readFileSync, writeFileSync } from 'node:fs';
import { asyncApiDocument, openApiDocument } from '@sluice/contracts';
import openapiTS, { astToString } from 'openapi-typescript';

const document = openApiDocument();
const types = `// Made by \`npm run openapi\` from the operations in libs/contracts. Do not edit.\n${astToString(await openapiTS(JSON.stringify(document), { defaultNonNullable: false }))}`;
const files = {
  'libs/sdk/openapi.json': `${JSON.stringify(document, null, 2)}\n`,
  'libs/sdk/src/api.gen.ts': types,
  'docs/asyncapi.json': `${JSON.stringify(asyncApiDocument(), null, 2)}\n`,
};
let stale = 0;
for (const [file, text] of Object.entries(files)) {
  if (process.argv.includes('--write')) writeFileSync(file, text);
  else if (readFileSync(file, 'utf8') !== text) {
    console.error(`${file} is out of date: run \`npm run openapi\``);
    stale++;
  }
}
process.exitCode = stale === 0 ? 0 : 1;
