/** A name of the API, such as `idleTimeoutSeconds`, in quotes or not. Words of a sentence are not written so. */
const NAME = /"?\b([a-z]+[A-Z]\w*)\b"?/g;

/** A message of the API, with the labels of the form in place of the names of fields. */
export const labelled = (message: string, labels: Readonly<Record<string, string>>): string =>
  message.replace(NAME, (written, name: string) => (Object.hasOwn(labels, name) ? `"${labels[name]}"` : written));
