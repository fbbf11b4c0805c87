/** The form of every token that Sluice issues, and of anything else that may be passed to the service that checks it. */
const TOKEN = /^[\w.~+/-]{1,200}=*$/;

/** Whether a text has the form of a token. */
export const isToken = (text: string | undefined): text is string => text !== undefined && TOKEN.test(text);

/** The token of an `Authorization` header. */
export function bearerToken(authorization: string): string | undefined {
  const token = /^Bearer (.*)$/.exec(authorization)?.[1];
  return isToken(token) ? token : undefined;
}
