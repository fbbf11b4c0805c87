import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { hasHelm, HELM_MS, type Manifest } from '../chart/rendered-chart.js';
import { kustomizeFiles, OVERLAYS, presentFiles, valuesOf } from './generate.mjs';
import { KUSTOMIZE, renderObjects } from './render.mjs';

const hasKubectl = (): boolean => {
  const found = spawnSync('kubectl', ['kustomize', '--help'], { stdio: 'ignore', timeout: 60_000 }).status === 0;
  if (!found) console.log('skipped: there is no kubectl on the PATH');
  return found;
};

/** What kustomize builds of a folder. */
const built = (folder: string): Manifest[] =>
  parseAllDocuments(execFileSync('kubectl', ['kustomize', folder], { encoding: 'utf8', timeout: 60_000 })).map(
    (document) => document.toJS() as Manifest,
  );

/** Objects by their kind and name. */
const byName = (objects: readonly Manifest[]): Record<string, Manifest> =>
  Object.fromEntries(objects.map((object) => [`${object.kind}/${object.metadata.name}`, object]));

describe.skipIf(!hasHelm())('deploy/kustomize', { timeout: 2 * HELM_MS }, () => {
  it('is what the chart renders', async () => {
    const files = (await kustomizeFiles()) as Record<string, string>;
    const outdated = Object.keys(files).filter((file) => readIfPresent(path.join(KUSTOMIZE, file)) !== files[file]);
    expect(outdated, 'run `npm run kustomize`').toEqual([]);
    expect(presentFiles()).toEqual(Object.keys(files).sort());
  });

  it('contains neither a Secret nor anything of Helm', () => {
    for (const file of presentFiles() as string[]) {
      const text = readFileSync(path.join(KUSTOMIZE, file), 'utf8');
      expect(text, file).not.toMatch(/helm\.sh|managed-by|^kind: Secret$/m);
    }
  });
});

describe.skipIf(!hasHelm() || !hasKubectl())('what kustomize builds', { timeout: 2 * HELM_MS }, () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'sluice-kustomize-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it.each([['base', undefined], ...OVERLAYS.map((overlay: string) => [`overlays/${overlay}`, overlay])])(
    'of %s is what the chart renders with its values',
    (place, overlay) => {
      const objects = built(path.join(KUSTOMIZE, place as string));
      expect(objects.length).toBeGreaterThan(30);
      expect(byName(objects)).toEqual(byName(renderObjects(valuesOf(overlay)) as Manifest[]));
    },
  );

  it('of an installation is what the chart renders with its host, namespace and images', () => {
    const digest = `sha256:${'a'.repeat(64)}`;
    const copy = path.join(folder, 'sluice');
    execFileSync('cp', ['-r', KUSTOMIZE, copy]); // kustomize reads relative paths only
    const own = path.join(folder, 'ours');
    mkdirSync(own);
    writeFileSync(path.join(own, 'host.yaml'), exampleOf('host.yaml').replaceAll('sluice.example.com', 'access.acme.com'));
    const apps = ['registry', 'audit', 'health', 'gateway', 'relay', 'setup'];
    const images = apps.map((app) => ({ name: `sluice-${app}`, newName: `registry.acme.com/sluice-${app}`, digest }));
    const text = exampleOf('kustomization.yaml')
      .replaceAll('../deploy/kustomize', '../sluice')
      .replace('namespace: access', 'namespace: elsewhere');
    writeFileSync(path.join(own, 'kustomization.yaml'), `${text.replace(/images:[^]*$/, '')}images: ${JSON.stringify(images)}\n`);
    const set = ['host=access.acme.com', 'images.repository=registry.acme.com'];
    const options = [...set, ...apps.map((app) => `images.digests.${app}=${digest}`)].flatMap((one) => ['--set', one]);
    const expected = renderObjects(valuesOf('production'), { namespace: 'elsewhere', options }) as Manifest[];
    const objects = built(own);
    expect(byName(objects)).toEqual(byName(expected));
    expect(JSON.stringify(objects)).not.toContain('example.com');
  });
});

/** A file of docs/kubernetes.md, which is shown there under this name. */
function exampleOf(name: string): string {
  const text = readFileSync(path.join(KUSTOMIZE, '..', '..', 'docs', 'kubernetes.md'), 'utf8');
  return new RegExp(`\`\`\`yaml\n# ${name.replace('.', '\\.')}\n([^]*?)\`\`\``).exec(text)?.[1] ?? '';
}

function readIfPresent(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
