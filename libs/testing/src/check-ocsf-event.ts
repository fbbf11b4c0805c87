import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parseJson } from '@sluice/domain';

interface Attribute {
  readonly type: string;
  readonly requirement?: 'required' | 'recommended';
  readonly array?: true;
  readonly profile?: string;
  readonly deprecated?: string;
  readonly sibling?: string;
  readonly enum?: Readonly<Record<string, string>>;
}
interface Definition {
  readonly uid?: number;
  readonly category?: number;
  readonly constraints?: Readonly<Record<string, readonly string[]>>;
  readonly attributes: Readonly<Record<string, Attribute>>;
}
interface ScalarType {
  readonly type?: string;
  readonly regex?: string;
  readonly longest?: number;
  readonly range?: readonly [number, number];
}

/** The part of the OCSF schema that events of Sluice use, made by `tools/vendor-ocsf.mjs`. */
export const ocsfSchema = parseJson(readFileSync(path.join(import.meta.dirname, '..', 'ocsf', 'schema.json'), 'utf8')) as {
  readonly version: string;
  readonly types: Readonly<Record<string, ScalarType>>;
  readonly classes: Readonly<Record<string, Definition>>;
  readonly objects: Readonly<Record<string, Definition>>;
};

const OTHER = '99';

/**
 * What of an event is against the definitions of the OCSF schema: attributes that are missing, unknown, deprecated, of another
 * type, of a profile that is not named, or not among the values that are listed; captions that are not those of their numbers;
 * constraints that are not met; and numbers of class, category and type that do not belong together.
 */
export function checkOcsfEvent(event: Readonly<Record<string, unknown>>): string[] {
  const found = Object.entries(ocsfSchema.classes).find(([, { uid }]) => uid === event['class_uid']);
  if (!found) return [`class_uid: ${JSON.stringify(event['class_uid'])} is not in the schema`];
  const [, { uid = 0, category }] = found;
  const { metadata } = event as { metadata?: { profiles?: string[]; version?: string } };
  const problems = checkObject(event, found[1], '', metadata?.profiles ?? []);
  if (event['category_uid'] !== category) problems.push(`category_uid: not ${category}`);
  if (event['type_uid'] !== uid * 100 + Number(event['activity_id'])) problems.push('type_uid: not that of class and activity');
  if (metadata?.version !== ocsfSchema.version) problems.push(`metadata.version: not ${ocsfSchema.version}`);
  return problems;
}

function checkObject(value: object, definition: Definition, at: string, profiles: readonly string[]): string[] {
  const given = value as Readonly<Record<string, unknown>>;
  const problems: string[] = [];
  const valid = ({ profile }: Attribute) => profile === undefined || profiles.includes(profile);
  for (const [name, attribute] of Object.entries(definition.attributes))
    if (attribute.requirement === 'required' && valid(attribute) && given[name] === undefined)
      problems.push(`${at}${name}: missing`);
  for (const [name, content] of Object.entries(given)) {
    const attribute = definition.attributes[name];
    if (content === undefined) continue; // JSON has no such value
    if (!attribute) problems.push(`${at}${name}: unknown`);
    else if (!valid(attribute)) problems.push(`${at}${name}: of the profile ${attribute.profile}, which is not named`);
    else if (attribute.deprecated !== undefined) problems.push(`${at}${name}: deprecated since ${attribute.deprecated}`);
    else problems.push(...checkAttribute(content, attribute, given, `${at}${name}`, profiles));
  }
  for (const [kind, names] of Object.entries(definition.constraints ?? {})) {
    const present = names.filter((name) => given[name] !== undefined).length;
    if (kind === 'at_least_one' ? present === 0 : present !== 1) problems.push(`${at}: ${kind} of ${names.join(', ')}`);
  }
  return problems;
}

function checkAttribute(
  content: unknown,
  attribute: Attribute,
  beside: Readonly<Record<string, unknown>>,
  at: string,
  profiles: readonly string[],
): string[] {
  if (attribute.array === true) {
    if (!Array.isArray(content)) return [`${at}: not an array`];
    const { array: _, ...one } = attribute;
    return content.flatMap((item, index) => checkAttribute(item, one, beside, `${at}[${index}]`, profiles));
  }
  if (ocsfSchema.types[attribute.type] === undefined) {
    if (typeof content !== 'object' || content === null || Array.isArray(content)) return [`${at}: not an object`];
    if (attribute.type === 'object') return [];
    const definition = ocsfSchema.objects[attribute.type];
    if (!definition) return [`${at}: the object ${attribute.type} is not in the part of the schema that was vendored`];
    return checkObject(content, definition, `${at}.`, profiles);
  }
  const wrong = checkScalar(content, attribute.type);
  if (wrong !== undefined) return [`${at}: ${wrong}`];
  if (attribute.enum === undefined) return [];
  const key = String(content);
  const caption = attribute.enum[key];
  if (caption === undefined) return [`${at}: ${key} is not among ${Object.keys(attribute.enum).join(', ')}`];
  const said = attribute.sibling === undefined ? undefined : beside[attribute.sibling];
  if (key === OTHER)
    return said === undefined && attribute.sibling !== undefined ? [`${at}: 99 without ${attribute.sibling}`] : [];
  return said === undefined || said === caption ? [] : [`${at}: ${JSON.stringify(said)} is called ${caption}`];
}

/** What is wrong with a value of a scalar type; undefined if nothing is. */
function checkScalar(content: unknown, name: string): string | undefined {
  const { type = name, regex, longest, range } = ocsfSchema.types[name] ?? {};
  if (type !== name) {
    const wrong = checkScalar(content, type);
    if (wrong !== undefined) return wrong;
  }
  switch (name) {
    case 'string_t':
      if (typeof content !== 'string') return 'not a text';
      break;
    case 'integer_t':
    case 'long_t':
      if (!Number.isSafeInteger(content)) return 'not a whole number';
      break;
    case 'float_t':
      if (typeof content !== 'number') return 'not a number';
      break;
    case 'boolean_t':
      if (typeof content !== 'boolean') return 'neither true nor false';
      break;
  }
  const text = String(content);
  if (regex !== undefined && !new RegExp(regex).test(text)) return `${JSON.stringify(text)} is not of the type ${name}`;
  if (longest !== undefined && text.length > longest) return `longer than ${longest}`;
  if (range !== undefined && (Number(content) < range[0] || Number(content) > range[1])) return `not from ${range.join(' to ')}`;
  return undefined;
}
