/** Subject of an activity: what an administrator did to which kind of object. Its data is an `Activity`. */
export const activitySubject = (objectKind: string, verb: string): string => `audit.v1.activity.${objectKind}.${verb}`;
