// Renders deploy/kustomize from the chart: `npm run kustomize` writes the files, and a test compares them.
//
//   base/values.yaml ──► base                      the chart with these values
//    + overlays/NAME/values.yaml ──► overlays/NAME  what the chart makes of both, as changes of the base
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { format } from 'prettier';
import { parse, stringify } from 'yaml';
import { differences } from './differences.mjs';
import { hostReplacements } from './host-replacements.mjs';
import { KUSTOMIZE, renderObjects } from './render.mjs';

const BASE = path.join(KUSTOMIZE, 'base', 'values.yaml');
/** The overlays. */
export const OVERLAYS = ['dev', 'production'];
/** The overlay whose host is said in one place; the other one has none. */
const WITH_HOST = 'production';
const HEADER = '# Made by `npm run kustomize` from the chart and values.yaml. Do not edit: docs/kubernetes.md#kustomize\n';

const idOf = ({ kind, metadata }) => `${kind}/${metadata.name}`;
const componentOf = ({ metadata }) => metadata.labels['app.kubernetes.io/component'];
const written = async (document) => HEADER + (await format(document, { parser: 'yaml', printWidth: 130, singleQuote: true }));
const asYaml = (value) => stringify(value, { lineWidth: 0, aliasDuplicateObjects: false });
const kustomization = (fields, kind = 'Kustomization') =>
  written(asYaml({ apiVersion: `kustomize.config.k8s.io/${kind === 'Component' ? 'v1alpha1' : 'v1beta1'}`, kind, ...fields }));
const resources = (objects) => written(objects.map(asYaml).join('---\n'));

/** The values files that an overlay is rendered from; the base without one. */
export const valuesOf = (overlay) =>
  overlay === undefined ? [BASE] : [BASE, path.join(KUSTOMIZE, 'overlays', overlay, 'values.yaml')];

/** The files of deploy/kustomize, by their path in it. */
export async function kustomizeFiles() {
  const base = renderObjects(valuesOf());
  const files = {};
  const components = [...new Set(base.map(componentOf))].sort();
  for (const component of components)
    files[`base/${component}.yaml`] = await resources(base.filter((object) => componentOf(object) === component));
  files['base/kustomization.yaml'] = await kustomization({ resources: components.map((component) => `${component}.yaml`) });
  for (const overlay of OVERLAYS) Object.assign(files, await overlayFiles(overlay, base));
  return files;
}

async function overlayFiles(overlay, base) {
  const folder = `overlays/${overlay}`;
  const wanted = new Map(renderObjects(valuesOf(overlay)).map((object) => [idOf(object), object]));
  const known = new Map(base.map((object) => [idOf(object), object]));
  const added = [...wanted.values()].filter((object) => !known.has(idOf(object)));
  const removed = base.filter((object) => !wanted.has(idOf(object)));
  const changed = base.flatMap((object) => {
    const operations = wanted.has(idOf(object)) ? differences(object, wanted.get(idOf(object))) : [];
    return operations.length === 0
      ? []
      : [{ target: { kind: object.kind, name: object.metadata.name }, patch: asYaml(operations) }];
  });
  const gone = removed.map(({ apiVersion, kind, metadata: { name } }) => ({
    target: { kind, name },
    patch: asYaml({ apiVersion, kind, metadata: { name }, $patch: 'delete' }),
  }));
  const files = {};
  if (added.length > 0) files[`${folder}/resources.yaml`] = await resources(added);
  files[`${folder}/kustomization.yaml`] = await kustomization({
    resources: ['../../base', ...(added.length > 0 ? ['resources.yaml'] : [])],
    patches: [...gone, ...changed],
  });
  if (overlay === WITH_HOST) {
    const { host } = parse(readFileSync(BASE, 'utf8'));
    const replacements = hostReplacements([...wanted.values()], host);
    files[`${folder}/host/kustomization.yaml`] = await kustomization({ replacements }, 'Component');
  }
  return files;
}

/** The files that are there, but those of values. */
export const presentFiles = () =>
  readdirSync(KUSTOMIZE, { recursive: true })
    .filter((file) => file.endsWith('.yaml') && path.basename(file) !== 'values.yaml')
    .sort();

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const files = await kustomizeFiles();
  for (const file of presentFiles()) if (!(file in files)) rmSync(path.join(KUSTOMIZE, file));
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(KUSTOMIZE, file)), { recursive: true });
    writeFileSync(path.join(KUSTOMIZE, file), text);
  }
}
