// Where the name of an installation stands in its objects, as replacements of kustomize.

/**
 * The replacements by which the ConfigMap `sluice-host` says the name: `host` is that of the API, and `tunnel` that of each tunnel port.
 * @throws Error if the name stands somewhere that a replacement cannot reach
 */
export function hostReplacements(objects, host) {
  const targets = { host: [], tunnel: [] };
  for (const object of objects)
    for (const { field, text } of stringsOf(object).filter((one) => one.text.includes(host))) {
      const select = { kind: object.kind, name: object.metadata.name };
      const target = (options) => ({ select, fieldPaths: [field], ...(options === undefined ? {} : { options }) });
      if (text === host) targets.host.push(target());
      else if (text === `https://${host}`) targets.host.push(target({ delimiter: '/', index: 2 }));
      else if (/^gateway-\$\(POD_INDEX\)\.[^:/]+:\d+$/.test(text)) targets.tunnel.push(target({ delimiter: ':', index: 0 }));
      else throw new Error(`${object.kind} ${object.metadata.name}: no replacement reaches ${field}, "${text}"`);
    }
  return Object.entries(targets).map(([key, found]) => ({
    source: { kind: 'ConfigMap', name: 'sluice-host', fieldPath: `data.${key}` },
    targets: found,
  }));
}

/** Every string in an object, with its path as kustomize has it: elements of a list by their name if they have one, which is a regular expression there. */
function stringsOf(value, steps = []) {
  if (typeof value === 'string') return [{ field: steps.join('.'), text: value }];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    const step = Array.isArray(value) && typeof inner?.name === 'string' ? `[name=^${inner.name}$]` : key.replaceAll('.', '\\.');
    return stringsOf(inner, [...steps, step]);
  });
}
