// Makes libs/testing/ocsf/schema.json, against which the tests check events, from a git repository of the OCSF schema:
//   node tools/vendor-ocsf.mjs REPOSITORY TAG
// It has the classes and objects that Sluice's events use, compiled as the schema says: inherited attributes, profiles and what the
// dictionary says of each attribute. Descriptions are left out.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import prettier from 'prettier';

const FILE = 'libs/testing/ocsf/schema.json';
const CLASSES = [
  'base_event',
  'network_activity',
  'authentication',
  'entity_management',
  'api_activity',
  'application_lifecycle',
  'detection_finding',
];
const OBJECTS = [
  ...['actor', 'analytic', 'api', 'evidences', 'feature', 'finding_info', 'fingerprint', 'managed_entity', 'metadata'],
  ...['network_connection_info', 'network_endpoint', 'network_proxy', 'network_traffic', 'object', 'policy', 'product'],
  ...['reporter', 'resource_details', 'service', 'session', 'user'],
];

const [repository, tag] = process.argv.slice(2);
if (repository === undefined || tag === undefined) throw new Error('usage: node tools/vendor-ocsf.mjs REPOSITORY TAG');
const git = (...args) => execFileSync('git', ['-C', repository, ...args], { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
const files = git('ls-tree', '-r', '--name-only', tag).split('\n');
const text = (file) => git('show', `${tag}:${file}`);
const read = (file) => JSON.parse(text(file));
const dictionary = read('dictionary.json');
const categories = read('categories.json').attributes;

/** A definition by its name: of an event in any folder, or of an object. */
function definition(folder, name) {
  const file = files.find((one) => one.startsWith(`${folder}/`) && path.basename(one) === `${name}.json`);
  if (file === undefined) throw new Error(`${name} is not in ${folder}`);
  return read(file);
}

/** The attributes of a definition without those of its parent: its own over those of the profiles that it includes. */
function ownAttributes({ attributes }) {
  const { $include: included = [], ...own } = attributes;
  const all = {};
  for (const file of [included].flat()) {
    const { name: profile, attributes: added } = read(file);
    for (const [key, value] of Object.entries(added)) all[key] = { ...value, profile };
  }
  for (const [key, value] of Object.entries(own)) all[key] = merge(all[key], value);
  return all;
}

const merge = (under = {}, over = {}) => ({
  ...under,
  ...over,
  ...((under.enum ?? over.enum) && { enum: { ...under.enum, ...over.enum } }),
});

/** A definition with everything that it inherits. */
function compile(folder, name) {
  const own = definition(folder, name);
  const parent = own.extends === undefined ? undefined : compile(folder, own.extends);
  const attributes = { ...parent?.attributes };
  for (const [key, value] of Object.entries(ownAttributes(own))) attributes[key] = merge(attributes[key], value);
  return {
    uid: own.uid,
    category: own.category ?? parent?.category,
    attributes,
    constraints: { ...parent?.constraints, ...own.constraints },
  };
}

/** The numbers of an event's class, which follow from where its definition is. */
const COMPUTED = ['class_uid', 'category_uid', 'type_uid'];

/** What the tests need of an attribute. */
function attribute(name, given) {
  if (COMPUTED.includes(name)) return { type: dictionary.attributes[name].type, requirement: given.requirement };
  const {
    type,
    is_array: array,
    enum: values,
    sibling,
    requirement,
    profile,
    '@deprecated': deprecated,
  } = merge(dictionary.attributes[name], given);
  return {
    type,
    ...(requirement !== undefined && requirement !== 'optional' && { requirement }),
    ...(array && { array }),
    ...(profile && { profile }),
    ...(deprecated && { deprecated: deprecated.since }),
    ...(sibling !== undefined && { sibling }),
    ...(values && { enum: Object.fromEntries(Object.entries(values).map(([key, { caption }]) => [key, caption])) }),
  };
}

function compiled(folder, name) {
  const { uid, category, attributes, constraints } = compile(folder, name);
  const categoryUid = categories[category]?.uid ?? 0;
  return {
    ...(folder === 'events' && { uid: categoryUid * 1000 + (uid ?? 0), category: categoryUid }),
    ...(Object.keys(constraints).length > 0 && { constraints }),
    attributes: Object.fromEntries(Object.entries(attributes).map(([key, value]) => [key, attribute(key, value)])),
  };
}

const named = (folder, names) => Object.fromEntries(names.map((name) => [name, compiled(folder, name)]));
const schema = {
  source: 'https://github.com/ocsf/ocsf-schema',
  version: read('version.json').version,
  commit: git('rev-parse', `${tag}^{commit}`).trim(),
  licence: 'Apache-2.0',
  notice: text('NOTICE').trim().split(/\n+/),
  made: `node tools/vendor-ocsf.mjs REPOSITORY ${tag}; descriptions and what Sluice's events do not use are left out`,
  types: Object.fromEntries(
    Object.entries(dictionary.types.attributes).map(([name, { type, regex, max_len: longest, range }]) => [
      name,
      { ...(type && { type }), ...(regex && { regex }), ...(longest && { longest }), ...(range && { range }) },
    ]),
  ),
  classes: named('events', CLASSES),
  objects: named('objects', OBJECTS),
};
const options = await prettier.resolveConfig(FILE);
writeFileSync(FILE, await prettier.format(JSON.stringify(schema), { ...options, parser: 'json' }));
