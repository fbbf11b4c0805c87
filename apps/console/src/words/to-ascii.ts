/** An internationalized host name in ASCII, as the browser writes it; empty where it is none. */
export function toAscii(name: string): string {
  try {
    return new URL(`http://${name}/`).hostname;
  } catch {
    return '';
  }
}
