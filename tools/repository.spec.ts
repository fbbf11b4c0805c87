import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

// The repository's tests of itself.

const root = path.join(path.dirname(fileURLToPath(import.meta.url)), '..');
const git = (...args: string[]) =>
  execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', ...args], { cwd: root })
    .toString()
    .split('\n')
    .filter((name) => name !== '');
const sources = git('*.ts', '*.tsx').filter((file) => /^(apps|libs|e2e)\//.test(file) && !/\.(gen|d)\.ts$/.test(file));
/** The file that an import without its ending means. */
const sourceOf = (name: string): string => (sources.includes(`${name}.tsx`) ? `${name}.tsx` : `${name}.ts`);
const text = (file: string) => readFileSync(path.join(root, file), 'utf8');

describe('the source', () => {
  it('has no import cycle', () => {
    const imports = new Map(
      sources.map((file) => [
        file,
        [...text(file).matchAll(/(?:from|import\() ?'(\.[^']+)\.js'/g)].map((match) =>
          sourceOf(path.join(path.dirname(file), match[1] ?? '')),
        ),
      ]),
    );
    const done = new Set<string>();
    const visit = (file: string, trail: string[]): void => {
      if (trail.includes(file)) throw new Error(`import cycle: ${[...trail.slice(trail.indexOf(file)), file].join(' -> ')}`);
      if (done.has(file)) return;
      for (const next of imports.get(file) ?? []) visit(next, [...trail, file]);
      done.add(file);
    };
    for (const file of sources) visit(file, []);
    expect(done.size).toBeGreaterThan(150);
  });

  it('has no folder that imports a folder which imports it, within an app or a library', () => {
    const arrows = new Map<string, string>();
    for (const file of sources.filter((name) => /^(apps|libs)\//.test(name) && !name.endsWith('.spec.ts'))) {
      const [, src = '', folder] = /^(\w+\/\w+\/src)\/([^/]+)\//.exec(file) ?? [];
      if (folder === undefined) continue; // files at the top put the folders together, and may import any
      for (const match of text(file).matchAll(/from '(\.\.[^']+)\.js'/g)) {
        const imported = path.relative(src, path.join(path.dirname(file), `${match[1]}.ts`));
        const [to = ''] = imported.split('/');
        if (imported.includes('/') && to !== folder) arrows.set(`${src}: ${folder} -> ${to}`, file);
      }
    }
    const reachable = (from: string, seen = new Set<string>()): Set<string> => {
      const [src, name] = from.split(': ');
      for (const arrow of arrows.keys()) {
        const [begin = '', end = ''] = arrow.split(' -> ');
        if (begin !== `${src}: ${name}` || seen.has(end)) continue;
        seen.add(end);
        reachable(`${src}: ${end}`, seen);
      }
      return seen;
    };
    const back = [...arrows].filter(([arrow]) => {
      const [begin = '', end = ''] = arrow.split(' -> ');
      const [src, name = ''] = begin.split(': ');
      return reachable(`${src}: ${end}`).has(name);
    });
    expect(back.map(([arrow, file]) => `${arrow} (${file})`)).toEqual([]);
    expect(arrows.size).toBeGreaterThan(50);
  });

  it('has no folder that is more than a third of its app', () => {
    const lines = new Map<string, number>();
    const add = (name: string, count: number) => void lines.set(name, (lines.get(name) ?? 0) + count);
    for (const file of sources.filter((name) => name.startsWith('apps/') && !/\.spec\.tsx?$/.test(name))) {
      const [, app = '', folder] = /^(apps\/\w+)\/src\/(?:([^/]+)\/)?/.exec(file) ?? [];
      const count = text(file).split('\n').length;
      add(app, count);
      if (folder !== undefined) add(`${app}/src/${folder}`, count);
    }
    const shareOf = (name: string) => (lines.get(name) ?? 0) / (lines.get(name.split('/src/')[0] ?? '') ?? 0);
    const folders = [...lines.keys()].filter((name) => name.includes('/src/'));
    expect(folders.filter((name) => shareOf(name) > 1 / 3)).toEqual([]);
    expect(folders.length).toBeGreaterThan(50);
  });

  it('exports nothing from a library that is used within it only, and no value that is used in its own file only', () => {
    const files = git('*.ts', '*.tsx', '*.mts', '*.mjs');
    const users = new Map<string, string[]>();
    for (const file of files)
      for (const word of new Set(text(file).match(/[\w$]+/g))) users.set(word, [...(users.get(word) ?? []), file]);
    const entries = new Set(sources.filter((file) => /^export (type )?\{[^}]+\} from/m.test(text(file))));
    const ours = sources.filter((file) => !file.startsWith('libs/sdk/')); // the client is for programs of others
    const exported = ours.flatMap((file) => {
      const lists = [...text(file).matchAll(/^export (?:type )?\{([^}]+)\} from/gm)].flatMap(([, names = '']) =>
        names.split(','),
      );
      const values = [...text(file).matchAll(/^export (?:abstract |async )*(?:const|let|function|class|enum)\*? ([\w$]+)/gm)];
      return [
        ...lists.map((name) => ({ file, name: name.replace(/^\s*(type )?/, '').trim(), home: file.replace(/src\/.*/, '') })),
        ...values.map(([, name = '']) => ({ file, name, home: file })),
      ];
    });
    const unused = exported.filter(
      ({ name, home }) =>
        name !== '' && !users.get(name)?.some((user) => !user.startsWith(home) && !(home.endsWith('.ts') && entries.has(user))),
    );
    expect(unused.map(({ file, name }) => `${file}: ${name}`)).toEqual([]);
    expect(exported.length).toBeGreaterThan(500);
  });

  it('has no file of more than 300 lines, tests aside', () => {
    const long = sources.filter((file) => !file.endsWith('.spec.ts') && text(file).split('\n').length > 301);
    expect(long).toEqual([]);
  });

  it('spells the subjects, streams and buckets of the bus in the contracts only', () => {
    const literal =
      /['"`](?:(?:audit|siem|rpc|presence|node|stream|bucket|stored)\.v1\b|policy_|gateway_policy|health_policy|KV_|\$KV\b|\$JS\b|_INBOX)/;
    const elsewhere = sources.filter(
      (file) => /^(apps|libs)\//.test(file) && !/^libs\/contracts\/|\/migrations\/|\.spec\.ts$/.test(file), // a migration stays as it was written
    );
    expect(elsewhere.filter((file) => literal.test(text(file)))).toEqual([]);
    expect(sources.filter((file) => literal.test(text(file))).some((file) => file.startsWith('libs/contracts/'))).toBe(true);
  });

  it.each([
    ['to sleep: `setTimeout` of node:timers/promises', /=> setTimeout\((resolve|done|r)\b/],
    ['to shuffle: `shuffled` of the domain', /\.sort\(\(\) =>/],
    ['to parse JSON: `parseJson` of the domain', /JSON\.parse\(/, /^e2e\/|\.spec\.tsx?$|^libs\/domain\/src\/parse-json\.ts$/],
  ])('has one way %s', (_, another, exempt = /^$/) => {
    expect(sources.filter((file) => !exempt.test(file) && another.test(text(file)))).toEqual([]);
  });

  it('has no file or folder with a name that says nothing', () => {
    expect(
      sources.filter((file) =>
        /(^|\/)(utils?|helpers?|common|misc|shared|components|hooks)(\/|\.tsx?$)|\.(service|dto|interface|controller)\.ts$/.test(
          file,
        ),
      ),
    ).toEqual([]);
  });

  it('has no entry point that exports everything, no any, and nothing left open', () => {
    const marks = new RegExp(
      ['export \\*', ': any\\b', '\\bas any\\b', '@ts-ignore', 'eslint-disable', `\\b(${['TO', 'FIX'].join('DO|')}ME)\\b`].join(
        '|',
      ),
    );
    const own = path.relative(root, fileURLToPath(import.meta.url));
    expect(sources.filter((file) => file !== own && marks.test(text(file)))).toEqual([]);
  });

  it("names no machine's path and no package registry", () => {
    const files = git().filter((file) => !/package-lock\.json$|\.png$/.test(file));
    const mark = new RegExp(`(^|[^\\w./~-])/(${['work', 'farm'].join('|')})/|${['registry', 'npmjs'].join('\\.')}`);
    expect(files.filter((file) => mark.test(text(file)))).toEqual([]);
  });
});

describe('the workspace', () => {
  const projects = git('*/package.json').filter((file) => /^((apps|libs)\/[^/]+|e2e|tools)\/package\.json$/.test(file));

  it('gives every project a layer', () => {
    expect(projects.length).toBeGreaterThan(15);
    for (const file of projects) {
      const { nx } = JSON.parse(text(file)) as { nx?: { tags?: string[] } };
      expect([file, nx?.tags?.filter((tag) => tag.startsWith('layer:')).length]).toEqual([file, 1]);
    }
  });

  it('is under the Apache License 2.0, every package of it', () => {
    expect(text('LICENSE')).toMatch(/^\s+Apache License\n\s+Version 2\.0, January 2004\n/);
    for (const file of ['package.json', ...projects])
      expect([file, (JSON.parse(text(file)) as { license?: string }).license]).toEqual([file, 'Apache-2.0']);
  });

  it('pins every dependency to one version', () => {
    const { dependencies, devDependencies, optionalDependencies } = JSON.parse(text('package.json')) as Record<
      string,
      Record<string, string>
    >;
    const loose = Object.entries({ ...dependencies, ...devDependencies, ...optionalDependencies }).filter(
      ([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version),
    );
    expect(loose).toEqual([]);
  });

  it('has a client and an API document that follow from the operations', () => {
    const said = spawnSync(process.execPath, ['tools/openapi.mjs'], { cwd: root });
    expect([said.status, said.stderr.toString()]).toEqual([0, '']);
  }, 60_000);

  it.each([
    ['libs/domain/src', "import { Bus } from '@sluice/messaging';\nexport const forbidden = Bus;\n"],
    ['libs/tunnel/src', "import { Bus } from '@sluice/messaging';\nexport const forbidden = Bus;\n"],
    ['apps/gateway/src', "import { openDatabase } from '@sluice/persistence';\nexport const forbidden = openDatabase;\n"],
    ['apps/relay/src', "import { startSystem } from '@sluice/testing';\nexport const forbidden = startSystem;\n"],
  ])(
    'reports an import that is forbidden in %s',
    (folder, code) => {
      const file = path.join(root, folder, `forbidden-${process.pid}.ts`);
      writeFileSync(file, code);
      try {
        const env = { ...process.env, NX_DAEMON: 'false' };
        execFileSync(process.execPath, ['node_modules/nx/dist/bin/nx.js', 'show', 'projects'], {
          cwd: root,
          env,
          stdio: 'ignore',
        }); // makes the graph that the rule reads
        const said = spawnSync(process.execPath, ['node_modules/eslint/bin/eslint.js', file], { cwd: root, env });
        expect(said.status).toBe(1);
        expect(said.stdout.toString()).toContain('@nx/enforce-module-boundaries');
      } finally {
        rmSync(file);
      }
    },
    120_000,
  );
});
