/** The value that a JSON text stands for; undefined for a text that is not JSON (no JSON text stands for undefined). */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
