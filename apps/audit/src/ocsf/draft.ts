import {
  type Envelope,
  factType,
  OCSF_CLASSES,
  OCSF_VERSION,
  type OcsfActivityOf,
  type OcsfClass,
  type OcsfEvent,
} from '@sluice/contracts';
import { RELEASE } from '@sluice/domain';

/** Attributes of an event or of an object in it. */
export type Attributes = Record<string, unknown>;

/** A fact that is to be converted: its author is proven by the subject, and its envelope is parsed. */
export interface KnownFact {
  readonly subject: string;
  readonly author: string;
  readonly bytes: Uint8Array;
  /** Its number in the stream of facts. */
  readonly number: number;
  /** When JetStream stored it. */
  readonly storedAt: Date;
  readonly id: string;
  readonly time: string;
  /** Its place in its author's chain, as far as it has one. */
  readonly place: Partial<Pick<Envelope, 'incarnation' | 'number' | 'previous'>>;
  /** What it says; each conversion parses it. */
  readonly data: unknown;
}

/** Length of a time that is repeated as it was written. */
const MAX_TIME = 100;

const SEVERITIES = { informational: [1, 'Informational'], low: [2, 'Low'], medium: [3, 'Medium'], high: [4, 'High'] } as const;
/** How severe an event is. */
export type Severity = keyof typeof SEVERITIES;

/** The status of an activity or, with the same number, of a finding. */
const STATUSES = { success: [1, 'Success'], failure: [2, 'Failure'], new: [1, 'New'] } as const;

/** What a class's own file says of an event. What all events have is added by `eventOf`. */
export interface Draft<C extends OcsfClass = OcsfClass> {
  readonly of: C;
  readonly activity: OcsfActivityOf<C>;
  /** What the activity is called where the schema has no number for it. */
  readonly activityName?: string;
  readonly severity: Severity;
  readonly status?: keyof typeof STATUSES;
  /** One sentence for people. */
  readonly message: string;
  /** What several events have in common: the id of a session, or of a request. */
  readonly correlation?: string;
  /** Profiles of the schema whose attributes are used. */
  readonly profiles?: readonly string[];
  readonly attributes?: Attributes | undefined;
  /** What has no place in the schema. */
  readonly unmapped?: Attributes;
}

/** Keeps the class of a draft, so that only its activities are accepted. */
export const draft = <C extends OcsfClass>(given: Draft<C>): Draft<C> => given;

/** An object without the attributes that are null or undefined; undefined if none is left. */
export function present(attributes: Attributes): Attributes | undefined {
  const left = Object.entries(attributes).filter(([, value]) => value !== undefined && value !== null);
  return left.length === 0 ? undefined : Object.fromEntries(left);
}

/** The part of Sluice that published a fact. Names of services have no hyphen, ids of relays have. */
const featureOf = ({ author }: KnownFact): string => (author.includes('-') ? 'relay' : author);

/** The event of a fact. The same fact gives the same event. */
export function eventOf(fact: KnownFact, { of, activity, activityName, severity, status, message, ...rest }: Draft): OcsfEvent {
  const { uid, category, caption, activities } = OCSF_CLASSES[of];
  const [activityId, activityCaption] = (activities as Record<string, readonly [number, string]>)[activity] ?? [99, 'Other'];
  const [severityId, severityCaption] = SEVERITIES[severity];
  const { id, time, place } = fact;
  const { incarnation, number, previous } = place;
  const happened = momentOf(time);
  return {
    metadata: {
      version: OCSF_VERSION,
      uid: id,
      original_event_uid: id,
      event_code: factType(fact.subject),
      sequence: fact.number,
      logged_time: fact.storedAt.getTime(),
      log_format: 'CloudEvents',
      product: { name: 'Sluice', vendor_name: 'Sluice', version: RELEASE, feature: { name: featureOf(fact) } },
      reporter: { uid: fact.author, name: featureOf(fact) },
      ...present({
        original_time: happened && time.slice(0, MAX_TIME),
        correlation_uid: rest.correlation,
        profiles: rest.profiles,
      }),
    },
    category_uid: category,
    class_uid: uid,
    class_name: caption,
    activity_id: activityId,
    activity_name: activityName ?? activityCaption,
    type_uid: uid * 100 + activityId,
    time: (happened ?? fact.storedAt).getTime(),
    severity_id: severityId,
    severity: severityCaption,
    ...(status === undefined ? {} : { status_id: STATUSES[status][0], status: STATUSES[status][1] }),
    message,
    ...rest.attributes,
    unmapped: { subject: fact.subject, ...present({ incarnation, number, previous }), ...rest.unmapped },
  };
}

/** A time in a fact; undefined if no plausible time is written there. */
function momentOf(text: string): Date | undefined {
  const moment = new Date(text);
  return moment.getTime() > 0 && moment.getUTCFullYear() < 2200 ? moment : undefined;
}

/** A time in a fact, as the schema wants it: milliseconds since 1970. */
export const millisecondsOf = (text: string | null | undefined): number | undefined =>
  text === null || text === undefined ? undefined : momentOf(text)?.getTime();
