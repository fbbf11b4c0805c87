// What an overlay changes of the base: the operations of a JSON patch between two objects.

const isMap = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);
const escaped = (key) => key.replaceAll('~', '~0').replaceAll('/', '~1');

/** The operations (RFC 6902) that make `to` of `from`. A list of another length is replaced as a whole. */
export function differences(from, to, at = '') {
  if (JSON.stringify(from) === JSON.stringify(to)) return [];
  if (isMap(from) && isMap(to))
    return [...new Set([...Object.keys(from), ...Object.keys(to)])].flatMap((key) => {
      const path = `${at}/${escaped(key)}`;
      if (!(key in to)) return [{ op: 'remove', path }];
      if (!(key in from)) return [{ op: 'add', path, value: to[key] }];
      return differences(from[key], to[key], path);
    });
  if (Array.isArray(from) && Array.isArray(to) && from.length === to.length)
    return from.flatMap((element, index) => differences(element, to[index], `${at}/${index}`));
  return [{ op: 'replace', path: at, value: to }];
}
