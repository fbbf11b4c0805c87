import { z } from 'zod';

/** The version of the Open Cybersecurity Schema Framework (OCSF) that events follow. */
export const OCSF_VERSION = '1.8.0';

/** An activity of a class: its number in the schema, and the schema's name of it. Where the number is 99, "Other", the name is ours. */
type OcsfActivity = readonly [id: number, caption: string];
interface OcsfClassShape {
  readonly uid: number;
  readonly category: number;
  readonly caption: string;
  readonly activities: Readonly<Record<string, OcsfActivity>>;
}

/** The classes and activities of OCSF events that Sluice publishes, under the words that stand for them in subjects. */
export const OCSF_CLASSES = {
  network_activity: {
    uid: 4001,
    category: 4,
    caption: 'Network Activity',
    activities: {
      open: [1, 'Open'],
      close: [2, 'Close'],
      reset: [3, 'Reset'],
      fail: [4, 'Fail'],
      refuse: [5, 'Refuse'],
      traffic: [6, 'Traffic'],
    },
  },
  authentication: {
    uid: 3002,
    category: 3,
    caption: 'Authentication',
    activities: { logon: [1, 'Logon'], logoff: [2, 'Logoff'] },
  },
  entity_management: {
    uid: 3004,
    category: 3,
    caption: 'Entity Management',
    activities: {
      create: [1, 'Create'],
      update: [3, 'Update'],
      delete: [4, 'Delete'],
      move: [5, 'Move'],
      enroll: [6, 'Enroll'],
      activate: [10, 'Activate'],
      deactivate: [11, 'Deactivate'],
      suspend: [12, 'Suspend'],
      resume: [13, 'Resume'],
      other: [99, 'Other'],
    },
  },
  api_activity: {
    uid: 6003,
    category: 6,
    caption: 'API Activity',
    activities: { create: [1, 'Create'], read: [2, 'Read'], update: [3, 'Update'], delete: [4, 'Delete'], other: [99, 'Other'] },
  },
  application_lifecycle: {
    uid: 6002,
    category: 6,
    caption: 'Application Lifecycle',
    activities: { start: [3, 'Start'] },
  },
  detection_finding: {
    uid: 2004,
    category: 2,
    caption: 'Detection Finding',
    activities: { create: [1, 'Create'] },
  },
  base_event: {
    uid: 0,
    category: 0,
    caption: 'Base Event',
    activities: {
      heartbeat: [99, 'Heartbeat'],
      head: [99, 'Head'],
      dropped: [99, 'Dropped'],
      health: [99, 'Health'],
      malformed: [99, 'Malformed'],
      other: [99, 'Other'],
    },
  },
} as const satisfies Readonly<Record<string, OcsfClassShape>>;
/** A class of OCSF events. */
export type OcsfClass = keyof typeof OCSF_CLASSES;
/** An activity of a class. */
export type OcsfActivityOf<C extends OcsfClass> = C extends OcsfClass
  ? keyof (typeof OCSF_CLASSES)[C]['activities'] & string
  : never;

/** The subject of an OCSF event. */
export const ocsfSubject = <C extends OcsfClass>(of: C, activity: OcsfActivityOf<C>): string => `siem.v1.ocsf.${of}.${activity}`;

const Milliseconds = z.int().min(0).meta({ description: 'milliseconds since 1970' });

/** What every OCSF event of Sluice has. The other attributes are those of its class. */
export const OcsfEvent = z.looseObject({
  metadata: z.looseObject({
    version: z.literal(OCSF_VERSION),
    uid: z.string().meta({ description: 'the id of the CloudEvent: the same however often the event is delivered' }),
    original_event_uid: z.string(),
    event_code: z.string().meta({ description: 'the type of the CloudEvent' }),
    sequence: z.int().meta({ description: 'the number of the CloudEvent in its stream; none is left out' }),
    logged_time: Milliseconds,
    product: z.looseObject({ name: z.string(), vendor_name: z.string() }),
  }),
  category_uid: z.int(),
  class_uid: z.int(),
  class_name: z.string(),
  activity_id: z.int(),
  activity_name: z.string(),
  type_uid: z.int(),
  time: Milliseconds,
  severity_id: z.int(),
  severity: z.string(),
  status_id: z.int().optional(),
  message: z.string(),
  unmapped: z.record(z.string(), z.unknown()).meta({ description: 'what of the CloudEvent has no place in the schema' }),
});
/** What every OCSF event of Sluice has. */
export type OcsfEvent = z.infer<typeof OcsfEvent>;
