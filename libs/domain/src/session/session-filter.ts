import { isMoment } from '../moment.js';
import { clientAddressSpellings } from '../network/client-address.js';
import { parseTagFilter } from '../resource/tags.js';
import { END_REASONS, type EndReason, OUTCOMES, type SessionOutcome } from './end-reason.js';

/** What sessions are narrowed down to. Everything that is given must match. */
export interface SessionFilter {
  /** E-mail or id of the account, at the time. */
  readonly account?: string | undefined;
  /** Name or id of the server, at the time. */
  readonly resource?: string | undefined;
  /** Name or id of the relay. */
  readonly node?: string | undefined;
  /** Name or id of the relay's proxy cluster. */
  readonly proxyCluster?: string | undefined;
  /** Name or id of the gateway. */
  readonly gateway?: string | undefined;
  /** IP address of the client, with or without its port. */
  readonly clientAddress?: string | undefined;
  readonly outcome?: SessionOutcome | undefined;
  readonly endReason?: EndReason | undefined;
  readonly rule?: string | undefined;
  /** Moments in ISO 8601: sessions that began then or later, and before. */
  readonly since?: string | undefined;
  readonly until?: string | undefined;
  readonly live?: boolean | undefined;
  /** Bytes in both directions, at least and at most. */
  readonly minBytes?: number | undefined;
  readonly maxBytes?: number | undefined;
  /** Milliseconds, at least and at most. */
  readonly minDurationMs?: number | undefined;
  readonly maxDurationMs?: number | undefined;
  /** Tags of the server, at the time: `key=value`, or `key` with any value. */
  readonly tags?: readonly string[] | undefined;
  /** Each is part of the name of the server, the e-mail of the account or the name of the relay, in any case. */
  readonly words?: readonly string[] | undefined;
}

/** A filter, or what is wrong with its text: `column` is that of the first character that is wrong, from 1. */
export type ParsedSessionFilter =
  | { readonly ok: true; readonly filter: SessionFilter; readonly columns: NameColumns }
  | { readonly ok: false; readonly column: number; readonly message: string };

/** The columns of names which only the registry knows, so that an error can name them. */
type NameColumns = { readonly [K in 'gateway' | 'proxyCluster']?: number };

type Change = { -readonly [K in keyof SessionFilter]: SessionFilter[K] };
/** Reads the value of a field into the filter. @returns what a right value is, if this one is none */
type ReadValue = (filter: Change, value: string, now: number) => string | undefined;

const text =
  (name: 'account' | 'resource' | 'node' | 'proxyCluster' | 'gateway' | 'rule'): ReadValue =>
  (filter, value) =>
    void (filter[name] = value);

const oneOf =
  <N extends 'outcome' | 'endReason'>(name: N, values: readonly NonNullable<SessionFilter[N]>[]): ReadValue =>
  (filter, value) => {
    const found = values.find((one) => one === value);
    if (found === undefined) return `one of: ${values.join(', ')}`;
    filter[name] = found;
    return undefined;
  };

const moment =
  (name: 'since' | 'until'): ReadValue =>
  (filter, value, now) => {
    const at = parseMoment(value, now);
    filter[name] = at;
    return at === undefined ? 'a time such as 2026-01-31T12:00:00Z or an age such as 24h' : undefined;
  };

const FIELDS: Readonly<Record<string, ReadValue>> = {
  account: text('account'),
  server: text('resource'),
  relay: text('node'),
  cluster: text('proxyCluster'),
  gateway: text('gateway'),
  rule: text('rule'),
  outcome: oneOf('outcome', OUTCOMES),
  reason: oneOf('endReason', END_REASONS),
  since: moment('since'),
  until: moment('until'),
  address: (filter, value) => {
    filter.clientAddress = value;
    return clientAddressSpellings(value) === undefined ? 'an IP address, with or without a port' : undefined;
  },
  tag: (filter, value) => {
    filter.tags = [...(filter.tags ?? []), value];
    return parseTagFilter(value) === undefined ? 'key=value, or the key of a tag' : undefined;
  },
  live: (filter, value) => {
    if (value !== 'yes' && value !== 'no') return 'yes or no';
    filter.live = value === 'yes';
    return undefined;
  },
};

/** Fields that are compared with a number: their units, and the names of the least and the most. */
const MEASURES = {
  bytes: {
    least: 'minBytes',
    most: 'maxBytes',
    step: 1,
    units: { '': 1, kb: 1e3, mb: 1e6, gb: 1e9, tb: 1e12, kib: 2 ** 10, mib: 2 ** 20, gib: 2 ** 30, tib: 2 ** 40 },
    example: 'a number such as 4096, 10MB or 1GiB',
    comparison: 'bytes>1GiB',
  },
  duration: {
    least: 'minDurationMs',
    most: 'maxDurationMs',
    step: 0.001,
    units: { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 },
    example: 'a duration such as 500ms, 30s, 15m or 8h',
    comparison: 'duration>=8h',
  },
} as const satisfies Record<string, Measure>;

interface Measure {
  readonly least: 'minBytes' | 'minDurationMs';
  readonly most: 'maxBytes' | 'maxDurationMs';
  /** The least difference between two values. */
  readonly step: number;
  readonly units: Readonly<Record<string, number>>;
  readonly example: string;
  readonly comparison: string;
}

/** How many fields and words a filter may have. */
const MAX_TERMS = 20;
/** What stands before the value of a field. The value is one word, or anything in double quotes. */
const FIELD = /^([a-z]+)(:|>=|<=|>|<)/i;
const VALUE = /^(?:"([^"]*)"|([^\s"]*))(?=\s|$)/;
/** What looks like a comparison and is none: a name, which may be missing, an operator, and a value. A word that has an operator stands in double quotes. */
const COMPARISON = /^([^\s"=<>!~≤≥≠]*)([!~]?[=<>≤≥≠]+~?)("[^"]*"|\S*)/;

/**
 * Reads a filter of sessions as people type it: words, which are looked for in names, and fields.
 *
 *   orders account:ann@example.com tag:env=prod reason:"no grant" bytes>1GiB duration>=8h since:7d live:no
 *
 * @param now milliseconds since 1970, from which ages are counted back
 */
export function parseSessionFilter(typed: string, now: number): ParsedSessionFilter {
  const filter: Change = {};
  const columns: { -readonly [K in keyof NameColumns]: number } = {};
  const given = new Set<string>();
  let terms = 0;
  for (let at = 0; ;) {
    at += typed.slice(at).search(/\S|$/);
    if (at === typed.length) return checked(filter, columns, typed);
    const wrong = (column: number, message: string) => ({ ok: false, column: column + 1, message }) as const;
    if (++terms > MAX_TERMS) return wrong(at, `a filter has at most ${MAX_TERMS} fields and words`);
    const field = FIELD.exec(typed.slice(at));
    const [, compared, operator, to] = field ? [] : (COMPARISON.exec(typed.slice(at)) ?? []);
    if (compared !== undefined) return wrong(at + compared.length, notCompared(compared, operator, to));
    const valueAt = at + (field?.[0].length ?? 0);
    const value = VALUE.exec(typed.slice(valueAt));
    if (!value) return wrong(valueAt, 'a value is one word, or any text between two double quotes');
    const read = value[1] ?? value[2] ?? '';
    if (read.trim() === '') return wrong(valueAt, 'a value is missing');
    at = valueAt + value[0].length;
    if (!field) {
      filter.words = [...(filter.words ?? []), read];
      continue;
    }
    const [, typedName = '', sign = ':'] = field;
    const name = typedName.toLowerCase();
    const fieldAt = valueAt - field[0].length;
    if (!Object.hasOwn(FIELDS, name) && !Object.hasOwn(MEASURES, name)) return wrong(fieldAt, noField(typedName));
    const end = sign.startsWith('<') ? 'most' : 'least';
    if (name !== 'tag' && given.has(`${name} ${end}`)) return wrong(fieldAt, `${name} is given twice`);
    given.add(`${name} ${end}`);
    const measure: Measure | undefined = Object.hasOwn(MEASURES, name) ? MEASURES[name as keyof typeof MEASURES] : undefined;
    if ((sign === ':') !== (measure === undefined)) return wrong(fieldAt + typedName.length, notCompared(name, sign, read));
    const expected = measure ? readMeasure(filter, measure, sign, read) : FIELDS[name]?.(filter, read, now);
    if (expected !== undefined) return wrong(valueAt, `${name} is ${expected}`);
    if (name === 'gateway') columns.gateway = valueAt + 1;
    if (name === 'cluster') columns.proxyCluster = valueAt + 1;
  }
}

const noField = (name: string): string =>
  `there is no field "${name}"; fields are ${[...Object.keys(FIELDS), ...Object.keys(MEASURES)].join(', ')}`;

/** What to write in place of an operator that a field does not have. */
function notCompared(typedName: string, operator = '', value = ''): string {
  const name = typedName.toLowerCase();
  if (Object.hasOwn(MEASURES, name)) {
    const measure = MEASURES[name as keyof typeof MEASURES];
    const isValue = readMeasure({}, measure, '>=', value) === undefined;
    return `${name} is compared with >, >=, < or <=, as in ${isValue ? `${name}>=${value} ${name}<=${value}` : measure.comparison}`;
  }
  if (Object.hasOwn(FIELDS, name)) return `${name} is followed by :, as in ${name}:${value}`;
  if (name === '')
    return `"${operator}" stands between a field and a value, without spaces, as in bytes>1GiB; a word with it stands in double quotes`;
  return operator === '='
    ? `"=" compares nothing: a tag is tag:${typedName}=${value}, and a word with it stands in double quotes`
    : noField(typedName);
}

function readMeasure(
  filter: Change,
  { least, most, step, units, example }: Measure,
  sign: string,
  value: string,
): string | undefined {
  const [, digits = '', unit = ''] = /^(\d{1,15}(?:\.\d{1,6})?)([a-z]*)$/i.exec(value) ?? [];
  const factor = Object.hasOwn(units, unit.toLowerCase()) ? units[unit.toLowerCase()] : undefined;
  if (digits === '' || factor === undefined) return example;
  const number = Math.round(Number(digits) * factor);
  if (!Number.isSafeInteger(number)) return example;
  if (sign.startsWith('>')) filter[least] = sign === '>' ? number + step : number;
  else filter[most] = sign === '<' ? number - step : number;
  return undefined;
}

function checked(filter: SessionFilter, columns: NameColumns, typed: string): ParsedSessionFilter {
  const { since, until } = filter;
  if (since === undefined || until === undefined || Date.parse(since) < Date.parse(until)) return { ok: true, filter, columns };
  return { ok: false, column: typed.search(/until:/i) + 1, message: 'until is later than since' };
}

const AGES: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** A day, or a moment with an offset; `Date` takes other texts too, each engine its own. */
const MOMENT = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2}))?$/;

/** A moment in ISO 8601, from one or from an age such as `24h`; undefined if the text is neither, or before the year 1. */
function parseMoment(value: string, now: number): string | undefined {
  const [, count, unit = ''] = /^(\d{1,7})([smhd])$/.exec(value) ?? [];
  const at = count !== undefined ? now - Number(count) * (AGES[unit] ?? 0) : MOMENT.test(value) ? Date.parse(value) : Number.NaN;
  return isMoment(at) ? new Date(at).toISOString() : undefined;
}
