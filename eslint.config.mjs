import nx from '@nx/eslint-plugin';
import tseslint from 'typescript-eslint';

/** Who may import whom: domain <- contracts <- adapters <- apps. Adapters and apps do not import each other. */
const layers = [
  { sourceTag: 'layer:domain', onlyDependOnLibsWithTags: ['layer:domain'] },
  { sourceTag: 'layer:contracts', onlyDependOnLibsWithTags: ['layer:domain'] },
  { sourceTag: 'layer:adapter', onlyDependOnLibsWithTags: ['layer:domain', 'layer:contracts'] },
  { sourceTag: 'layer:app', onlyDependOnLibsWithTags: ['layer:domain', 'layer:contracts', 'layer:adapter'] },
  { sourceTag: 'layer:kit', onlyDependOnLibsWithTags: ['layer:domain', 'layer:contracts', 'layer:adapter', 'layer:kit'] },
  { sourceTag: 'layer:test', onlyDependOnLibsWithTags: ['layer:domain', 'layer:contracts', 'layer:adapter', 'layer:kit'] },
  { sourceTag: 'lib:embedded', notDependOnLibsWithTags: ['lib:testing'] },
  { sourceTag: 'store:none', notDependOnLibsWithTags: ['lib:persistence'] },
];

export default tseslint.config(
  { ignores: ['**/dist/**', '**/bundle/**', '**/out-tsc/**', '**/node_modules/**', '**/*.gen.ts', '.nx/**', '.sluice/**'] },
  {
    files: ['**/*.{ts,tsx}'],
    extends: [...tseslint.configs.strict],
    plugins: { '@nx': nx },
    languageOptions: { parserOptions: { project: false } },
    rules: {
      '@nx/enforce-module-boundaries': ['error', { depConstraints: layers, enforceBuildableLibDependency: false, allow: [] }],
      '@typescript-eslint/no-extraneous-class': 'off',
      '@typescript-eslint/no-invalid-void-type': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/no-explicit-any': 'error',
      'prefer-const': ['error', { ignoreReadBeforeAssign: true }],
    },
  },
  {
    files: ['apps/*/src/**/*.spec.ts', 'apps/*/src/testing/**'], // specs of modules run on real stores
    rules: {
      '@nx/enforce-module-boundaries': [
        'error',
        {
          depConstraints: layers.map((layer) =>
            layer.sourceTag === 'layer:app'
              ? { ...layer, onlyDependOnLibsWithTags: [...layer.onlyDependOnLibsWithTags, 'layer:kit'] }
              : layer,
          ),
          enforceBuildableLibDependency: false,
          allow: [],
        },
      ],
    },
  },
  {
    files: ['libs/domain/src/**/*.ts'],
    ignores: ['**/*.spec.ts'],
    rules: {
      'no-restricted-imports': ['error', { patterns: [{ regex: '^[^.]', message: 'the domain imports nothing but itself' }] }],
    },
  },
  {
    files: ['**/*.{ts,tsx}'],
    ignores: [
      '**/config.ts',
      '**/vite.config.ts',
      '**/migrate.ts',
      'libs/process/**',
      'libs/embedded/**',
      'libs/testing/**',
      'e2e/**',
      '**/*.spec.ts',
      '**/main.ts',
    ],
    rules: {
      'no-restricted-syntax': [
        'error',
        {
          selector: "MemberExpression[object.name='process'][property.name='env']",
          message: 'the environment is read in config.ts only',
        },
      ],
    },
  },
);
